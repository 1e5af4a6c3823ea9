"""The examples as a third party would have them: wheels of their own, installed beside benchcomp."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
PACKAGES = ("benchcomp-qoi", "benchcomp-gmsd", "benchcomp-testcards", "benchcomp-markdown")

InVenv = Callable[..., str]


@pytest.fixture(scope="module")
def in_venv(tmp_path_factory: pytest.TempPathFactory) -> InVenv:
    """Runs a module in a fresh virtual environment that has the examples' wheels.

    It sees this environment's packages, benchcomp among them, through a path file: that takes seconds
    where installing them again would take minutes.
    """
    pytest.importorskip("setuptools", reason="needs setuptools to build wheels without the network")
    folder = tmp_path_factory.mktemp("examples")
    wheels, venv = folder / "wheels", folder / "venv"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    sources = [_copy(EXAMPLES / package, folder / "sources" / package) for package in PACKAGES]
    _run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, *sources])
    _run([sys.executable, "-m", "venv", "--without-pip", venv])
    (site,) = venv.glob("lib/python*/site-packages")
    here = [path for path in sys.path if Path(path).name == "site-packages"]
    lines = [f"import site; site.addsitedir({path!r})" for path in here]
    (site / "beside.pth").write_text("\n".join(lines) + "\n")
    python = venv / "bin" / "python"
    _run([*pip, "--python", python, "install", "--no-deps", "--no-index", *sorted(wheels.glob("*.whl"))])

    def run(*arguments: object, cwd: Path = folder) -> str:
        return _run([python, "-m", *arguments], cwd=cwd)

    return run


def _copy(source: Path, target: Path) -> Path:
    """Building leaves folders beside the sources: it is done on a copy."""
    import shutil

    return shutil.copytree(
        source, target, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__")
    )


def _run(command: list[object], cwd: Path | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BENCHCOMP_")}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_plugins_lists_them_with_their_distribution(in_venv: InVenv) -> None:
    listed = json.loads(in_venv("benchcomp", "plugins", "--json"))
    found = {
        (item["kind"], item["name"], item["distribution"])
        for item in listed["plugins"]
        if item["plugin"] in ("qoi", "gmsd", "testcards", "markdown") and not item["problem"]
    }
    assert found == {
        ("codec", "qoi", "benchcomp-qoi 0.1.0"),
        ("metric", "gmsd_y", "benchcomp-gmsd 0.1.0"),
        ("dataset", "testcards", "benchcomp-testcards 0.1.0"),
        ("report", "markdown", "benchcomp-markdown 0.1.0"),
    }
    assert listed["broken"] == {}


def test_a_run_uses_all_of_them(in_venv: InVenv) -> None:
    in_venv(
        "benchcomp", "run", "--codecs", "qoi,png,jpeg,jpeg:subsampling=444", "--dataset", "testcards:64",
        "--metrics", "gmsd_y,psnr_rgb", "--out", "run.sqlite", "--jobs", "1", "--quiet",
    )  # fmt: skip
    rows = in_venv("benchcomp", "export", "run.sqlite", "--format", "csv").splitlines()
    header = rows[0].split(",")
    own = [dict(zip(header, row.split(","), strict=False)) for row in rows[1:] if ",qoi," in row]
    assert [row["image"] for row in own] == ["colour-edges", "ramp", "zone-plate"]
    assert {row["status"] for row in own} == {"ok"}
    assert {float(row["gmsd_y"]) for row in own} == {0}
    page = in_venv("benchcomp", "export", "run.sqlite", "--format", "markdown")
    assert page.startswith("## run: testcards:64\n")
    assert "| qoi | - |" in page or "| qoi | nan |" in page
    assert "| jpeg:subsampling=444 against jpeg | GMSD (Y) |" in page
    in_venv("benchcomp", "report", "run.sqlite", "--out", "run.html")


@pytest.mark.parametrize("package", PACKAGES)
def test_their_own_tests_pass(in_venv: InVenv, package: str) -> None:
    told = in_venv(
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        EXAMPLES / package,
        EXAMPLES / package / "tests",
    )
    assert " passed" in told
    assert "skipped" not in told
