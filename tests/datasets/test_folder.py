"""The data set ``folder``: any folder, recursively, lazily, in a stable order."""

import tracemalloc

import numpy as np
import pytest
from benchcomp_datasets import folder
from benchcomp_datasets.folder import Folder
from PIL import Image

from benchcomp import BenchcompError


def save(path, mode="RGB", size=(5, 4), colour=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path)


def test_lists_recursively_in_the_order_of_names(tmp_path):
    for name in ("b.png", "a/2.jpg", "a/10.bmp", "c/d/e.tiff", "C.PNG", ".hidden.png", ".git/x.png"):
        save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / "folder.png").mkdir()
    save(tmp_path / "folder.png" / "inner.webp")
    images = list(Folder(str(tmp_path)).images())
    assert images == ["C.PNG", "a/10.bmp", "a/2.jpg", "b.png", "c/d/e.tiff", "folder.png/inner.webp"]


def test_loads_by_relative_path(tmp_path):
    save(tmp_path / "a" / "red.png", colour=(255, 0, 0))
    data = Folder(str(tmp_path))
    assert data.id == f"folder:{tmp_path}"
    assert np.array_equal(data.load("a/red.png"), np.tile(np.uint8([255, 0, 0]), (4, 5, 1)))
    assert data.labels("a/red.png") is None


def test_links_are_followed_and_loops_end(tmp_path):
    save(tmp_path / "data" / "a.png")
    (tmp_path / "data" / "loop").symlink_to(tmp_path / "data")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    assert list(Folder(str(tmp_path)).images()) == ["data/a.png", "link/a.png"]
    (tmp_path / "data" / "dangling.png").symlink_to(tmp_path / "nowhere.png")
    assert "data/dangling.png" not in list(Folder(str(tmp_path)).images())


def test_background_is_part_of_the_argument(tmp_path):
    save(tmp_path / "clear.png", "RGBA", colour=(0, 0, 0, 0))
    with pytest.raises(BenchcompError, match=r"clear\.png"):
        Folder(str(tmp_path)).load("clear.png")
    pixels = Folder(f"{tmp_path}?background=ff8000").load("clear.png")
    assert pixels[0, 0].tolist() == [255, 128, 0]


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 40])
def test_order_does_not_depend_on_the_chunk(tmp_path, monkeypatch, chunk):
    for number in range(40):
        (tmp_path / f"{number * 7919 % 101}.png").touch()
    monkeypatch.setattr(folder, "_CHUNK", chunk)
    names = sorted(file.name for file in tmp_path.iterdir())
    assert list(Folder(str(tmp_path)).images()) == names


def test_memory_stays_flat(tmp_path, monkeypatch):
    for number in range(3000):
        (tmp_path / f"picture-with-a-long-name-{number:06}.png").touch()
    monkeypatch.setattr(folder, "_CHUNK", 150)
    tracemalloc.start()
    count = sum(1 for _ in Folder(str(tmp_path)).images())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 3000
    assert peak < 100_000  # all the names at once would be above 250 kB


def test_nothing_is_listed_before_it_is_asked_for(tmp_path):
    images = Folder(str(tmp_path / "missing")).images()
    with pytest.raises(BenchcompError, match="no such folder"):
        next(images)


def test_problems_are_named(tmp_path):
    with pytest.raises(BenchcompError, match="no image files"):
        list(Folder(str(tmp_path)).images())
    save(tmp_path / "x.png")
    with pytest.raises(BenchcompError, match="not a folder"):
        list(Folder(str(tmp_path / "x.png")).images())
    for argument in ("", "?background=000000"):
        with pytest.raises(BenchcompError, match="folder:PATH"):
            Folder(argument)
    with pytest.raises(BenchcompError, match="RRGGBB"):
        Folder("x?background=red")
