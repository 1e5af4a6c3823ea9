"""Training: steps, resumption, settings, the command line."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from benchcomp_smic import model, training_run
from benchcomp_smic import settings as presets
from benchcomp_smic.command import app
from benchcomp_smic.pairs import Pair, draw, draw_procedural, read_pairs
from benchcomp_smic.rec_net import RecNet
from benchcomp_smic.settings import PRESETS, Settings
from benchcomp_smic.ss_net import SSNet
from benchcomp_smic.tasks import RecTask, SsTask
from benchcomp_smic.train import Budget
from benchcomp_smic.trainer import Trainer, read_average
from PIL import Image
from typer.testing import CliRunner

from benchcomp import BenchcompError

VGG = Path(os.environ.get("BENCHCOMP_DATA", ".")).parent / "weights/vgg16_imagenet_features_fp16.safetensors"
needs_vgg = pytest.mark.skipif(not VGG.is_file(), reason="no VGG16 weights beside BENCHCOMP_DATA")

SS = Settings("ss", channels=2, crop=32, average=0.9)
REC = Settings(
    "rec", widths=(2, 4), hints=True, batch=2, crop=96, vgg=0.0, average=0.9, freeze=2, map_off=0.3
)


@pytest.fixture
def pairs(picture):
    image = picture(96, 96)
    return [Pair("1", image, image[::-1].copy()), Pair("2", image[:, ::-1].copy(), image)]


@pytest.fixture
def folder(tmp_path, picture):
    data = tmp_path / "data"
    data.mkdir()
    for name in ("1", "2", "10"):
        Image.fromarray(np.concatenate([picture(96, 96)] * 2, axis=1)).save(data / f"{name}.jpg")
    return data


def make(settings, pairs):
    torch.manual_seed(settings.seed)
    task = SsTask(settings, pairs) if settings.network == "ss" else RecTask(settings, pairs, VGG)
    return Trainer(task, settings)


def weights(module):
    return {name: value.clone() for name, value in module.state_dict().items()}


def same(a, b):
    return all(torch.equal(a[name], b[name]) for name in a)


PATCHES = presets.override(REC, {"judge": "d1", "difference": "true"})


@pytest.mark.parametrize("settings", [SS, REC, PATCHES], ids=["ss", "rec", "rec judged by d1"])
class TestStep:
    def test_changes_both_networks(self, settings, pairs):
        trainer = make(settings, pairs)
        parts = trainer.task.generator, trainer.task.discriminator, trainer.average
        before = [weights(part) for part in parts]
        report = trainer.step()
        assert set(report) == {"discriminator", "l1", "adversarial"}
        for part, old in zip(parts, before, strict=True):
            new = weights(part)
            changed = [name for name, p in part.named_parameters() if not torch.equal(old[name], new[name])]
            assert len(changed) == len(list(part.named_parameters()))

    def test_resumes_bit_identically(self, settings, pairs, tmp_path):
        straight = make(settings, pairs)
        for _ in range(4):
            straight.step()
        first = make(settings, pairs)
        for _ in range(2):
            first.step()
        first.save(tmp_path / "checkpoint.safetensors")
        torch.rand(3)  # what happens in between must not matter
        second = make(settings, pairs)
        second.load(tmp_path / "checkpoint.safetensors")
        reports = [second.step() for _ in range(2)]
        assert second.iteration == 4
        assert all(np.isfinite(list(report.values())).all() for report in reports)
        for part in ("generator", "discriminator"):
            assert same(weights(getattr(straight.task, part)), weights(getattr(second.task, part)))
        assert same(weights(straight.average), weights(second.average))
        assert straight.rng.random() == second.rng.random()

    def test_a_checkpoint_of_another_network_is_refused(self, settings, pairs, tmp_path):
        make(settings, pairs).save(tmp_path / "c.safetensors")
        other = SS if settings.network == "rec" else REC
        with pytest.raises(BenchcompError, match="another network"):
            make(other, pairs).load(tmp_path / "c.safetensors")


def test_without_an_adversarial_loss_the_discriminator_rests(pairs):
    trainer = make(presets.override(SS, {"adversarial": "0"}), pairs)
    before = weights(trainer.task.discriminator)
    assert set(trainer.step()) == {"l1"}
    assert same(before, weights(trainer.task.discriminator))


def test_frozen_statistics_stay(pairs):
    trainer = make(REC, pairs)
    norm = next(m for m in trainer.task.generator.modules() if isinstance(m, torch.nn.BatchNorm2d))
    for _ in range(2):
        trainer.step()
    kept = norm.running_mean.clone()
    trainer.step()
    assert torch.equal(kept, norm.running_mean)


def test_the_rate_falls_as_documented(pairs):
    trainer = make(presets.override(SS, {"rate": "0.01", "rate_halving": "3"}), pairs)
    rates = []
    for _ in range(4):
        trainer.step()
        rates.append(trainer.optimisers["generator"].param_groups[0]["lr"])
    assert rates == pytest.approx([0.01 / (1 + i / 3) ** 0.5 for i in range(4)])


@needs_vgg
@pytest.mark.parametrize("layers", ["single", "several"])
def test_rec_nets_loss_has_the_three_parts_of_equation_6(pairs, layers):
    changed = presets.override(REC, {"vgg": "10", "vgg_layers": layers, "batch": "1", "vgg_crop": "32"})
    assert set(make(changed, pairs).step()) == {"discriminator", "l1", "vgg", "adversarial"}


class TestSettings:
    def test_json_gives_them_back(self):
        for networks in PRESETS.values():
            for one in networks.values():
                assert presets.from_json(presets.to_json(one)) == one

    def test_the_paper_preset_is_the_papers(self):
        for one in PRESETS["paper"].values():
            assert (one.batch, one.crop, one.rate, one.rate_halving) == (1, 256, 2e-4, 0)
            assert (one.beta1, one.l1, one.vgg, one.adversarial, one.channels) == (0.9, 100, 100, 1, 60)
            assert (one.vgg_layers, one.hints) == ("single", False)
            assert (one.judge, one.difference) == ("d2", False)

    @pytest.mark.parametrize(
        "values",
        [
            {"crops": "3"},
            {"crop": "x"},
            {"crop": '"3"'},
            {"widths": "3"},
            {"judge": "d3"},
            {"vgg_layers": "all"},
        ],
    )
    def test_wrong_ones_are_refused(self, values):
        with pytest.raises(BenchcompError, match="setting"):
            presets.override(REC, values)


class TestPairs:
    def test_are_read_in_numerical_order(self, folder):
        pairs = read_pairs(folder)
        assert [pair.name for pair in pairs] == ["1", "2", "10"]
        assert pairs[0].image.shape == pairs[0].truth.shape == (96, 96, 3)

    def test_an_empty_folder_is_named(self, tmp_path):
        with pytest.raises(BenchcompError, match="no training pairs"):
            read_pairs(tmp_path)

    def test_a_picture_that_is_no_pair_is_named(self, tmp_path):
        Image.new("RGB", (30, 30)).save(tmp_path / "7.jpg")
        with pytest.raises(BenchcompError, match=r"7\.jpg"):
            read_pairs(tmp_path)

    def test_drawn_facades_are_none_of_the_samples(self):
        from benchcomp_datasets.sample import FacadesSample

        sample = FacadesSample()
        one, two = draw_procedural(2)
        assert not (one.image == two.image).all()
        assert one.image.shape == one.truth.shape == (256, 256, 3)
        assert not any((sample.load(name) == one.image).all() for name in list(sample.images())[:3])

    def test_photograph_and_map_are_cut_alike(self, picture):
        image = picture(50, 60)
        rng = np.random.default_rng(0)
        for _ in range(5):
            a, b = draw([Pair("1", image, image)], rng, 32, True)
            assert a.shape == (32, 32, 3)
            assert (a == b).all()


class TestCommand:
    def train(self, out, data, *more):
        changes = ["channels=2", "crop=96", "widths=[2,4]", "vgg=0", "vgg_layers=single"]
        options = [part for change in changes for part in ("--set", change)]
        arguments = ["train", "--out", str(out), "--data", str(data), *options, *more]
        return CliRunner().invoke(app, arguments, catch_exceptions=False)

    def test_both_networks_train_resume_and_are_exported(self, folder, tmp_path):
        out = tmp_path / "run"
        before = torch.get_num_threads()
        assert self.train(out, folder, "--iterations", "20", "--preset", "paper").exit_code == 0
        done = self.train(out, folder, "--iterations", "21")
        torch.set_num_threads(before)
        assert "resuming" in done.stdout
        for name in ("ss", "rec"):
            entry = json.loads((out / name / "log.jsonl").read_text().splitlines()[0])
            assert entry["iteration"] == 20
            assert {"l1", "discriminator", "adversarial", "cpu_s"} <= set(entry)
        target = tmp_path / "w.safetensors"
        line = training_run.export(out / "rec", out / "ss", target)
        assert "21 iterations" in line
        assert model.load(target).rec_net.multiple == 2

    @pytest.mark.parametrize("network", ["ss", "rec"])
    def test_a_new_run_goes_on_from_exported_weights(self, network, folder, tmp_path):
        out, target = tmp_path / "run", tmp_path / "w.safetensors"
        self.train(out, folder, "--iterations", "2")
        training_run.export(out / "rec", out / "ss", target)
        more = ["--network", network, "--weights", str(target)]
        told = self.train(tmp_path / "next", folder, *more, "--iterations", "2")
        assert "at iteration 2" in told.stdout
        kept = {"ss": SSNet(2), "rec": RecNet((2, 4), True)}[network]
        facts = read_average(tmp_path / "next/checkpoint.safetensors", kept)
        assert facts["iteration"] == 2
        begun = getattr(model.read(target), f"{network}_net")
        assert same(weights(begun), weights(kept))
        self.train(tmp_path / "next", folder, *more, "--iterations", "3")
        assert read_average(tmp_path / "next/checkpoint.safetensors", kept)["iteration"] == 3

    def test_weights_of_another_width_are_refused(self, folder, tmp_path, tiny_weights):
        with pytest.raises(BenchcompError, match="of another size"):
            self.train(tmp_path / "run", folder, "--weights", str(tiny_weights))

    def test_maps_are_drawn_for_every_pair(self, folder, tmp_path):
        self.train(tmp_path / "ss", folder, "--network", "ss", "--for", "0s")
        training_run.draw_maps(tmp_path / "ss", folder, tmp_path / "maps", print)
        pairs = read_pairs(folder, tmp_path / "maps")
        assert all(pair.predicted.shape == (96, 96, 3) for pair in pairs)

    def test_a_run_of_the_other_network_is_refused(self, folder, tmp_path):
        self.train(tmp_path / "run", folder, "--network", "ss", "--for", "0s")
        with pytest.raises(BenchcompError, match="'ss'"):
            self.train(tmp_path / "run", folder, "--network", "rec")


def test_a_sheet_is_written(pairs, tmp_path):
    from benchcomp_smic.train import Run, train

    train([Run(make(REC, pairs), tmp_path)], Budget(iterations=1, sheet_every=1), lambda line: None)
    with Image.open(tmp_path / "sheets/0000001.png") as sheet:
        assert sheet.size == (4 * 96, 4 * 96)
