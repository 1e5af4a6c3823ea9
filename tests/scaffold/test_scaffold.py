from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchcomp import BenchcompError, scaffold

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("kind", scaffold.KINDS)
def test_a_new_package_installs_and_its_own_tests_pass(benchcomp: Command, tmp_path: Path, kind: str) -> None:
    pytest.importorskip("setuptools", reason="needs setuptools to build a package without the network")
    done = benchcomp("plugins", "new", f"my-{kind}", "--kind", kind)
    assert done.returncode == 0, done.stderr
    package, site = tmp_path / f"benchcomp-my-{kind}", tmp_path / "site"
    assert f"cd {package.name} && pip install" in done.stdout
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*install, "--target", site, package], check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": str(site)}
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=package, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert tests.returncode == 0, tests.stdout
    assert " passed" in tests.stdout
    assert "skipped" not in tests.stdout


def test_a_new_package_is_clean_by_the_projects_own_rules(tmp_path: Path) -> None:
    rules = Path(__file__).parents[2] / "pyproject.toml"
    for kind in scaffold.KINDS:
        scaffold.write(f"a-{kind}", kind, tmp_path / kind)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--explicit-package-bases", *(str(tmp_path / kind / "src") for kind in scaffold.KINDS)],
        env={**os.environ, "MYPYPATH": os.pathsep.join(str(tmp_path / kind / "src") for kind in scaffold.KINDS)},
        cwd=rules.parent, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    sources = [str(path) for path in tmp_path.rglob("src/**/*.py")]
    ruff = [sys.executable, "-m", "ruff", "check", "--config", str(rules), "--no-cache", "--ignore", "I001"]
    lint = subprocess.run([*ruff, *sources], capture_output=True, text=True)
    assert lint.returncode == 0, lint.stdout + lint.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["My Codec"], "'My Codec' is no name for a plugin"),
        (["../escape"], "is no name for a plugin"),
        (["jpeg-2000", "--kind", "codek"], "--kind is one of codec, metric, dataset, report; did you mean 'codec'?"),
        (["mine", "--out", "/proc/nowhere"], "can't write /proc/nowhere"),
    ],
)  # fmt: skip
def test_wrong_use_is_one_line(benchcomp: Command, arguments: list[str], message: str) -> None:
    done = benchcomp("plugins", "new", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(BenchcompError, match="exists already; choose another --out"):
        scaffold.write("mine", "codec", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_names_follow_from_what_users_type() -> None:
    names = scaffold.Names.of("benchcomp-my-metric2", "metric")
    assert names == scaffold.Names("my_metric2", "benchcomp-my-metric2", "benchcomp_my_metric2", "MyMetric2")
