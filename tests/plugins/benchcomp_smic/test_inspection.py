"""The sheet of `benchcomp smic inspect`, and what it says about the bytes."""

import re

import pytest
from benchcomp_smic.codec import SmicCodec, SmicOptions
from benchcomp_smic.command import app
from benchcomp_smic.inspection import sheet
from PIL import Image
from typer.testing import CliRunner

from benchcomp import BenchcompError


def inspect(*arguments):
    return CliRunner().invoke(app, ["inspect", *map(str, arguments)], catch_exceptions=False)


def numbers(lines, name):
    return int(re.search(rf"^{name}.*: (\d+) bytes", "\n".join(lines), re.MULTILINE)[1])


def test_the_parts_add_up_to_the_bitstream(tiny_weights, picture):
    codec = SmicCodec(SmicOptions(weights=str(tiny_weights), factor=2))
    pixels = picture(64, 96)
    made, lines = sheet(codec, pixels, 20)
    total = numbers(lines, "all")
    assert total == len(codec.encode(pixels, 20))
    assert numbers(lines, "header") + numbers(lines, "map") + numbers(lines, "thumbnail") == total
    assert made.size[0] >= 3 * 96
    assert made.size[1] > 2 * 64


def test_without_a_map_there_are_no_pictures_of_it(tiny_weights, picture):
    pixels = picture(64, 96)
    sizes = []
    for semantic in (True, False):
        codec = SmicCodec(SmicOptions(weights=str(tiny_weights), factor=2, map=semantic))
        sizes.append(sheet(codec, pixels, 20)[0].size)
    assert sizes[1][1] <= sizes[0][1]


def test_the_command_writes_the_sheet(tiny_weights, picture, tmp_path):
    Image.fromarray(picture(40, 50)).save(tmp_path / "photo.png")
    done = inspect(tmp_path / "photo.png", "--weights", tiny_weights, "--factor", 4, "--position", 3)
    assert done.exit_code == 0
    assert "thumbnail (1/4, BPG QP 47)" in done.stdout
    with Image.open(tmp_path / "photo-smic.png") as made:
        assert made.size[0] > 150


def test_what_is_no_picture_is_named(tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(BenchcompError, match=r"notes\.txt"):
        inspect(tmp_path / "notes.txt")


def test_a_wrong_factor_is_named(tmp_path):
    with pytest.raises(BenchcompError, match="factor"):
        inspect(tmp_path / "any.png", "--factor", 3)
