from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import benchcomp as bc
from benchcomp.pixels import content_hash
from benchcomp.registry import default

HOUSE = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The test plugin, and an empty runs folder."""
    for name in ("PYTHONPATH", "BENCHCOMP_PLUGINS", "BENCHCOMP_RUNS"):
        monkeypatch.setenv(name, environment[name])
    monkeypatch.syspath_prepend(environment["PYTHONPATH"].split(os.pathsep)[0])
    default.cache_clear()
    yield tmp_path / "runs"
    default.cache_clear()


@pytest.fixture
def run() -> bc.Run:
    return bc.run(["shades", "shades:level=1"], "tiny:3", ["mae"], jobs=1)


def test_a_run_is_data_frames_and_a_file(run: bc.Run, runs: Path) -> None:
    assert run.path is not None
    assert run.path.parent == runs
    assert run.variants == ["shades", "shades:level=1"]
    assert len(run.frame) == 3 * 2 * 4
    assert run.failures.empty
    curves = run.curves("mae")
    assert list(curves["quality"]) == [1, 2, 4, 6] * 2
    own = run.frame[run.frame["options"] == ""]
    assert curves["value"][:4].tolist() == own.groupby("quality")["mae"].mean().tolist()
    assert list(run.averages()["images"]) == [3] * 8
    assert set(run.at_rate(12)["variant"]) == set(run.variants)


def test_comparisons_have_a_row_each(run: bc.Run) -> None:
    table = run.compare("shades:level=1", "mae")
    assert list(table["test"]) == ["shades"]
    assert table["images"].tolist() == [3]
    assert table["bd_rate"].notna().all()
    assert "shades" in table["sentence"][0]


def test_pictures_come_from_the_stored_bytes(run: bc.Run) -> None:
    source = run.source("image1")
    row = run.frame[run.frame["image"] == "image1"].iloc[0]
    assert content_hash(source) == row["image_sha256"]
    decoded = run.reconstruction("image1", "shades", 2.0)
    assert np.array_equal(decoded, source >> 6 << 6)
    with pytest.raises(bc.BenchcompError, match="no bitstream of shades at 3"):
        run.reconstruction("image1", "shades", 3.0)


def test_load_finds_the_newest_run_or_one_by_name(run: bc.Run) -> None:
    assert run.path is not None
    for name in (None, run.path, run.path.stem):
        assert bc.load(name).frame.equals(run.frame)
    with pytest.raises(bc.BenchcompError, match="there is no run 'nothing'"):
        bc.load("nothing")


def test_targets_rates_and_settings_are_the_command_lines(tmp_path: Path) -> None:
    run = bc.run(
        "shades", "tiny", ["mae"], rates={"shades": [2, 5]}, limit=2, jobs=1, out=tmp_path / "run.sqlite"
    )
    assert sorted(set(run.frame["quality"])) == [2, 5]
    assert set(run.frame["image"]) == {"image1", "image2"}
    more = bc.run(
        "shades", "tiny", ["mae"], target_bpp=[12], targets={"mae": [3]}, limit=2, jobs=1, out=run.path, resume=True
    )  # fmt: skip
    assert len(more.targets) == 4
    assert len(more.frame) > len(run.frame)


def test_failures_are_rows_and_what_is_unavailable_a_warning() -> None:
    run = bc.run(["shades", "raises"], "tiny:2", ["mae"], jobs=1)
    assert run.failures["images"].tolist() == [2]
    assert "four bits are too many" in run.failures["reason"][0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"codecs": ["shadez"]}, "did you mean 'shades'"),
        ({"codecs": ["shades"], "limt": 3}, "no setting is called 'limt'; did you mean 'limit'"),
        ({"codecs": ["shades"], "resume": True}, "name its file with out"),
        ({"codecs": []}, "no codec is named"),
    ],
)
def test_wrong_use_raises_before_anything_is_written(
    runs: Path, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(bc.BenchcompError, match=message):
        bc.run(**{"dataset": "tiny", "metrics": ["mae"], **arguments})
    assert not runs.exists()


def test_unknown_names_in_questions_are_explained(run: bc.Run, tmp_path: Path) -> None:
    with pytest.raises(bc.BenchcompError, match="the run has no metric 'mea'; did you mean 'mae'"):
        run.curves("mea")
    with pytest.raises(bc.BenchcompError, match="the run has no codec 'jpeg'; it has shades, shades:level=1"):
        run.compare("jpeg")
    run.write("csv", tmp_path / "run.csv")
    assert (tmp_path / "run.csv").read_text().count("\n") == 25


def test_importing_benchcomp_imports_nothing_heavy() -> None:
    code = "import sys, benchcomp; print({'numpy', 'pandas', 'torch', 'pluggy', 'typer'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "set()\n"


INTERFACE = {
    "benchcomp",
    *(f"benchcomp.{name}" for name in ("analysis", "pixels", "registry", "rows", "testing", "variants")),
}


def test_the_documented_interface_is_the_one_tested_here() -> None:
    page = (HOUSE / "docs" / "plugins.md").read_text()
    sentence = page[page.index("The interface is") : page.index("all else may change")]
    assert {word for word in sentence.split("`") if word.startswith("benchcomp")} == INTERFACE


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Module and name of everything that a file takes from the core."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "benchcomp":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner, "") if inner in INTERFACE else (str(node.module), alias.name)
        elif isinstance(node, ast.Import):
            yield from ((a.name, "") for a in node.names if a.name.split(".")[0] == "benchcomp")


@pytest.mark.parametrize("room", ["plugins", "datasets", "reports", "examples"])
def test_plugins_use_the_interface_alone(room: str) -> None:
    taken = [(path, *use) for path in (HOUSE / room).rglob("*.py") for use in imports(path)]
    assert taken
    for path, module, name in taken:
        assert module in INTERFACE, f"{path} imports {module}"
        assert not name or name in importlib.import_module(module).__all__, (
            f"{path} takes {name} from {module}"
        )
