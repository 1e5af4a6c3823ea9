"""With weights made from a seed: no picture comes of them, but every step from pixels to bytes and back is made."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from benchcomp_compressai import bitstream
from benchcomp_compressai.zoo import MODELS

from benchcomp import BenchcompError, BitstreamError, Codec, testing
from benchcomp.registry import default

IMAGE = np.random.default_rng(3).integers(0, 256, (70, 50, 3), dtype=np.uint8)

compressai = pytest.mark.skipif(
    importlib.util.find_spec("compressai") is None, reason="needs the extra compressai"
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of untrained weights a model, as narrow as it may be."""
    import torch
    from compressai import models

    folder = tmp_path_factory.mktemp("weights")
    for name, model in MODELS.items():
        torch.manual_seed(1)
        kind = getattr(models, model.class_name)
        sizes = (16,) if "cheng" in name else (16, 24)
        settings = {"vr_entbttlnck": True} if model.scales_hyperlatent else {}
        torch.save(kind(*sizes, **settings).state_dict(), folder / f"{name}.pth.tar")
    return folder


def codec(name: str, weights: Path) -> Codec:
    return default().codec(name, {"weights": str(weights / f"{name}.pth.tar")})


@compressai
@pytest.mark.parametrize("name", MODELS)
def test_a_model_codes_to_real_bytes_and_back(name: str, weights: Path) -> None:
    model = codec(name, weights)
    quality = None if model.knob is None else model.knob.ladder[-1]
    data = model.encode(IMAGE, quality)
    decoded = codec(name, weights).decode(data)
    assert decoded.shape == IMAGE.shape
    assert decoded.dtype == np.uint8
    coded = bitstream.unpack(data)
    assert (coded.height, coded.width) == (70, 50)
    assert len(coded.strings) == (1 if "factorized" in name else 2)
    # What the model itself makes of the padded picture, without any bitstream of ours.
    assert sum(map(len, coded.strings)) + 15 + 4 * (len(coded.strings) - 1) == len(data)
    assert np.array_equal(decoded, _straight(model, coded))


def _straight(model: Codec, coded: bitstream.Coded) -> np.ndarray:
    import torch

    network = model._model(coded.quality)  # type: ignore[attr-defined]
    settings = {"s": coded.quality} if model.knob is not None else {}
    height, width = (network.downsampling_factor * side for side in coded.shape)
    padded = np.pad(IMAGE, ((0, height - 70), (0, width - 50), (0, 0)), mode="edge").astype(np.float32) / 255
    with torch.inference_mode():
        out = network.compress(torch.from_numpy(padded).permute(2, 0, 1)[None], **settings)
        assert tuple(string[0] for string in out["strings"]) == coded.strings
        x_hat = network.decompress(out["strings"], out["shape"], **settings)["x_hat"]
    samples = x_hat[0, :, :70, :50].permute(1, 2, 0).clamp(0, 1).numpy()
    return np.round(samples * 255).astype(np.uint8)


@compressai
@pytest.mark.parametrize("name", ["bmshj2018-factorized", "mbt2018-mean-vbr"])
def test_the_contract_is_kept_but_for_the_picture(name: str, weights: Path) -> None:
    untrained = {"shows_the_picture", "ladder_rises"}
    text = f"{name}:weights={weights / name}.pth.tar"
    failed = {
        v.check: v.reason for v in testing.check(text) if v.status == "failed" and v.check not in untrained
    }
    assert failed == {}


@compressai
def test_levels_of_a_variable_rate_model_give_other_bytes(weights: Path) -> None:
    model = codec("mbt2018-mean-vbr", weights)
    assert model.knob is not None
    assert (model.knob.low, model.knob.high, model.knob.name) == (0, 7, "level")
    assert {bitstream.unpack(model.encode(IMAGE, level)).quality for level in (0.0, 7.0)} == {0, 7}


@compressai
def test_other_weights_are_another_version(weights: Path, tmp_path: Path) -> None:
    import torch

    one = codec("mbt2018-mean", weights)
    state = torch.load(weights / "mbt2018-mean.pth.tar")
    state["g_a.0.bias"] += 1
    torch.save(state, tmp_path / "mbt2018-mean.pth.tar")
    two = codec("mbt2018-mean", tmp_path)
    assert "compressai 1." in one.version()
    assert one.version() != two.version()


@compressai
def test_missing_weights_are_named_with_their_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for model in (default().codec("mbt2018-mean"), default().codec(f"mbt2018-mean:weights={tmp_path}")):
        assert model.knob is not None
        with pytest.raises(
            BenchcompError, match=r"mbt2018-mean-3-.*pth.tar isn't there; download https://.*weights=PATH"
        ):
            model.encode(IMAGE, 3)
        with pytest.raises(BenchcompError, match="no weights of mbt2018-mean for mse at quality 1"):
            model.version()
    with pytest.raises(BenchcompError, match="publishes no weights of bmshj2018-factorized-relu"):
        default().codec("bmshj2018-factorized-relu").version()


@compressai
def test_a_folder_with_the_zoos_file_names_has_the_whole_ladder(weights: Path, tmp_path: Path) -> None:
    import shutil

    from benchcomp_compressai.zoo import address

    for quality in range(1, 9):
        url = address("mbt2018-mean", "ms-ssim", quality)
        assert url is not None
        shutil.copy(weights / "mbt2018-mean.pth.tar", tmp_path / url.rpartition("/")[2])
    model = default().codec(f"mbt2018-mean:metric=ms-ssim:weights={tmp_path}")
    assert model.knob is not None
    assert model.knob.ladder == tuple(range(1, 9))
    assert model.decode(model.encode(IMAGE, 8)).shape == IMAGE.shape


@compressai
def test_every_image_model_of_the_zoo_is_there() -> None:
    from compressai import models, zoo

    assert set(MODELS) == set(zoo.image_models)
    assert all(hasattr(models, model.class_name) for model in MODELS.values())


CODED = bitstream.Coded(5, 70, 50, (2, 1), (b"first", b"", b"last"))


def test_a_bitstream_holds_all_that_went_into_it() -> None:
    assert bitstream.unpack(bitstream.pack(CODED)) == CODED


@pytest.mark.parametrize("flip", range(len(bitstream.pack(CODED)) * 8))
def test_every_flipped_bit_is_noticed(flip: int) -> None:
    data = bytearray(bitstream.pack(CODED))
    data[flip // 8] ^= 1 << flip % 8
    with pytest.raises(BitstreamError):
        bitstream.unpack(bytes(data))


@pytest.mark.parametrize("cut", range(len(bitstream.pack(CODED))))
def test_a_cut_bitstream_is_refused(cut: int) -> None:
    with pytest.raises(BitstreamError):
        bitstream.unpack(bitstream.pack(CODED)[:cut])
