"""The data sets ``facades`` and ``kodak`` on the real images, where they are on this machine."""

import os
from pathlib import Path

import numpy as np
import pytest
from benchcomp_datasets.classes import COLOURS, nearest, paint
from benchcomp_datasets.facades import Facades
from benchcomp_datasets.kodak import Kodak
from PIL import Image

from benchcomp import BenchcompError

DATA = Path(os.environ.get("BENCHCOMP_DATA", "/nonexistent"))
needs_facades = pytest.mark.skipif(not (DATA / "facades").is_dir(), reason="no facades in $BENCHCOMP_DATA")
needs_kodak = pytest.mark.skipif(not (DATA / "kodak").is_dir(), reason="no kodak in $BENCHCOMP_DATA")


@needs_facades
def test_facades_splits():
    assert list(Facades().images()) == [str(number) for number in range(1, 101)]
    assert len(list(Facades("train").images())) == 400
    assert Facades().id == "facades"
    assert Facades("train").id == "facades:train"


@needs_facades
def test_facades_halves():
    pair = np.asarray(Image.open(DATA / "facades" / "val" / "7.jpg"))
    pixels, labels = Facades("val").load("7"), Facades("val").labels("7")
    assert np.array_equal(pixels, pair[:, :256])
    assert pixels.flags.c_contiguous
    assert labels.shape == (256, 256, 3)
    assert {tuple(colour) for colour in labels.reshape(-1, 3)} <= {tuple(colour) for colour in COLOURS}
    assert np.median(np.abs(labels.astype(int) - pair[:, 256:])) <= 4


@needs_kodak
def test_kodak():
    images = list(Kodak().images())
    assert images == [f"kodim{number:02}" for number in range(1, 25)]
    assert Kodak().load("kodim01").shape == (512, 768, 3)
    assert Kodak().load("kodim04").shape == (768, 512, 3)
    assert Kodak().labels("kodim01") is None


def test_missing_data_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHCOMP_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(BenchcompError, match="benchcomp datasets fetch kodak"):
        next(Kodak().images())
    with pytest.raises(BenchcompError, match="benchcomp datasets fetch facades"):
        next(Facades("test").images())
    (tmp_path / "facades" / "test").mkdir(parents=True)
    with pytest.raises(BenchcompError, match="no images"):
        next(Facades("test").images())


def test_the_cache_is_the_second_place(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHCOMP_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "cache" / "benchcomp" / "datasets" / "kodak"
    folder.mkdir(parents=True)
    Image.new("RGB", (4, 3)).save(folder / "kodim03.png")
    assert list(Kodak().images()) == ["kodim03"]


def test_wrong_arguments():
    with pytest.raises(BenchcompError, match="train, val, test"):
        Facades("validation")
    with pytest.raises(BenchcompError, match="no splits"):
        Kodak("test")


def test_wrong_size_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHCOMP_DATA", str(tmp_path))
    (tmp_path / "facades" / "val").mkdir(parents=True)
    Image.new("RGB", (256, 256)).save(tmp_path / "facades" / "val" / "1.jpg")
    with pytest.raises(BenchcompError, match=r"1\.jpg: is 256x256"):
        Facades().load("1")


def test_nearest_class_undoes_paint_and_noise():
    generator = np.random.default_rng(3)
    indices = generator.integers(0, 12, (9, 14), dtype=np.uint8)
    noisy = paint(indices).astype(int) + generator.integers(-20, 21, (9, 14, 3))
    assert np.array_equal(nearest(noisy.clip(0, 255).astype(np.uint8)), indices)
