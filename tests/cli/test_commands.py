"""The commands other than run, as a user calls them."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    ramp = np.linspace(0, 255, 48 * 32 * 3).reshape(32, 48, 3).astype(np.uint8)
    path = tmp_path / "picture.png"
    Image.fromarray(ramp).save(path)
    return path


@pytest.fixture
def run(benchcomp: Command, tmp_path: Path) -> Path:
    """A small run with two codecs at eight rates."""
    path = tmp_path / "runs" / "first.sqlite"
    done = benchcomp(
        "run", "--dataset", "tiny", "--metrics", "mae,psnr_rgb", "--codecs", "shades,jpeg", "--rates",
        "shades=1:8:1", "-q", "--out", path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return path


def test_every_command_explains_itself(benchcomp: Command) -> None:
    top = benchcomp("--help")
    assert top.returncode == 0
    names = re.findall(r"^  ([a-z]+)  ", top.stdout.partition("Commands:")[2], re.MULTILINE)
    assert {"run", "report", "export", "import", "compare", "merge", "encode", "decode", "plugins"} <= set(
        names
    )
    for name in names:
        done = benchcomp(name, "--help")
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) > 5


def test_version_and_unknown_command(benchcomp: Command) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", benchcomp("--version").stdout)
    done = benchcomp("rnu")
    assert done.returncode == 2
    assert "rnu" in done.stderr


def test_encode_and_decode_one_picture(benchcomp: Command, picture: Path) -> None:
    done = benchcomp("encode", "png", picture, "out.bits")
    assert done.returncode == 0, done.stderr
    size = int(re.search(r": (\d+) bytes", done.stdout).group(1))  # type: ignore[union-attr]
    assert (picture.parent / "out.bits").stat().st_size == size
    assert benchcomp("decode", "png", "out.bits", "back.png").stdout == "back.png: 48x32\n"
    assert np.array_equal(
        np.asarray(Image.open(picture)), np.asarray(Image.open(picture.parent / "back.png"))
    )
    assert "at quality 30" in benchcomp("encode", "jpeg", picture, "out.jpg", "--quality", "30").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["encode", "jpeg", "nowhere.png", "out"], "nowhere.png"),
        (["encode", "jpeg", "picture.png", "out", "-q", "101"], "quality 101 is outside"),
        (["encode", "png", "picture.png", "out", "-q", "5"], "has no quality knob"),
        (["encode", "jpeg", "picture.png", "no/such/folder/out"], "can't write"),
        (["decode", "jpeg", "picture.png", "out.png"], "is no jpeg bitstream, or is damaged"),
        (["decode", "jpeg", "nowhere.jpg", "out.png"], "nowhere.jpg: No such file"),
        (["report", "nothing"], "there is no run 'nothing'"),
        (["report"], "there is no run in"),
        (["export", "--format", "cvs"], "no report is called 'cvs'; did you mean 'csv'?"),
        (["import", "picture.png"], "picture.png"),
        (["merge", "one", "--out", "x.sqlite"], "there is no run 'one'"),
        (["datasets", "fetch", "kodac"], "no dataset is called 'kodac'; did you mean 'kodak'?"),
        (["plugins", "--kind", "codex"], "no kind of plugin is called 'codex'; did you mean 'codec'?"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    benchcomp: Command, picture: Path, arguments: list[str], message: str
) -> None:
    done = benchcomp(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def save(path: Path, kind: str) -> None:
    ramp = np.arange(16 * 16, dtype=np.uint16).reshape(16, 16)
    if kind == "truncated":
        Image.fromarray(ramp.astype(np.uint8)).save(path)
        path.write_bytes(path.read_bytes()[:-40])
    elif kind == "16-bit":
        Image.fromarray(ramp * 256).save(path)
    elif kind == "cmyk":
        Image.new("CMYK", (16, 16)).save(path)
    elif kind == "text":
        path.write_text("not a picture")


@pytest.mark.parametrize(
    ("kind", "name"), [("truncated", "a.png"), ("16-bit", "a.png"), ("cmyk", "a.tif"), ("text", "a.png")]
)
def test_an_image_that_cannot_be_read_costs_itself_only(
    benchcomp: Command, tmp_path: Path, kind: str, name: str
) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    save(folder / name, kind)
    Image.new("RGB", (1, 1), "red").save(folder / "one-pixel.png")
    done = benchcomp(
        "run",
        "--dataset",
        f"folder:{folder}",
        "--codecs",
        "png",
        "--metrics",
        "psnr_rgb",
        "--out",
        "r.sqlite",
    )
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if name in line]
    assert line.startswith(f"not read: {name}: ")
    assert "Traceback" not in done.stderr
    exported = benchcomp("export", "r.sqlite").stdout
    (row,) = csv.DictReader(io.StringIO(exported))
    assert (row["image"], row["status"], row["width"], row["lossless"].lower()) == (
        "one-pixel.png",
        "ok",
        "1",
        "true",
    )
    assert row["psnr_rgb"] == ""


def test_an_empty_folder_is_named(benchcomp: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = benchcomp("run", "--dataset", "folder:empty", "--codecs", "png")
    assert done.returncode == 2
    assert "empty" in done.stderr


def test_report_and_exports_of_a_run(benchcomp: Command, run: Path) -> None:
    assert benchcomp("report").stdout == f"wrote {run.with_suffix('.html')}\n"
    assert "shades" in run.with_suffix(".html").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(benchcomp("export", "first").stdout)))
    assert len(rows) == 6 * 16
    assert list(rows[0])[:4] == ["dataset", "image", "codec", "options"]
    data = json.loads(benchcomp("export", "--format", "json").stdout)
    assert data["manifest"]["dataset"]["id"] == "tiny"


def test_exports_take_settings_and_say_when_they_need_a_name(benchcomp: Command, run: Path) -> None:
    several = benchcomp("export", "first", "--format", "compressai")
    assert several.returncode == 2
    assert "name one with --out" in several.stderr
    one = benchcomp("export", "first", "--format", "compressai", "--set", "codec=jpeg")
    assert len(json.loads(one.stdout)["results"]["bpp"]) == 8
    wrong = benchcomp("export", "first", "--set", "colour=red")
    assert wrong.returncode == 2
    assert "colour" in wrong.stderr


def test_an_exported_run_comes_back_as_a_reference(benchcomp: Command, run: Path, tmp_path: Path) -> None:
    assert benchcomp("export", "first", "--format", "json", "--out", "results.json").returncode == 0
    done = benchcomp("import", "results.json", "--name", "reference")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("imported reference: jpeg, shades; 96 points")
    assert benchcomp("import", "results.json", "--name", "reference").returncode == 2
    same = benchcomp("compare", "reference", "first", "--fail-if", "bd_rate(psnr_rgb) > 1 or failures() > 0")
    assert same.returncode == 0, same.stderr
    assert "jpeg: passed: bd_rate(psnr_rgb) = 0" in same.stdout


def test_the_gate_fails_a_worse_run(benchcomp: Command, run: Path) -> None:
    worse = benchcomp(
        "run", "--dataset", "tiny", "--metrics", "mae,psnr_rgb", "--codecs", "jpeg", "-q", "--limit", "4", "--out",
        run.with_name("second.sqlite"),
    )  # fmt: skip
    assert worse.returncode == 0
    failed = benchcomp("compare", "first", "second", "--fail-if", "mean(psnr_rgb) > -1")
    assert failed.returncode == 1
    assert "jpeg: FAILED: mean(psnr_rgb) = 0" in failed.stdout
    wrong = benchcomp("compare", "first", "second", "--fail-if", "__import__('os')")
    assert wrong.returncode == 2
    assert wrong.stderr.count("\n") == 1


def test_plugins_as_json_for_scripts(benchcomp: Command) -> None:
    data = json.loads(benchcomp("plugins", "--json", BENCHCOMP_PLUGINS="misbehaving,absent").stdout)
    names = {(item["kind"], item["name"]) for item in data["plugins"]}
    assert {("codec", "jpeg"), ("codec", "shades"), ("metric", "mae"), ("dataset", "tiny")} <= names
    assert list(data["broken"]) == ["absent"]


def test_datasets_are_listed_with_licence_and_whether_they_are_here(
    benchcomp: Command, tmp_path: Path
) -> None:
    done = benchcomp("datasets", BENCHCOMP_DATA=str(tmp_path / "nothing"))
    assert done.returncode == 0, done.stderr
    assert "facades-sample: 12 images here" in done.stdout
    assert "licence:" in done.stdout
    assert "benchcomp datasets fetch kodak" in done.stdout


def test_doctor_shows_the_machine(benchcomp: Command) -> None:
    done = benchcomp("doctor")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Python 3.")
    assert "  numpy " in done.stdout
