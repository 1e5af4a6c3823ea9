from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parent / "support"


@pytest.fixture
def data() -> Path:
    """The folder of real data sets; the test is skipped where there is none."""
    folder = os.environ.get("BENCHCOMP_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs real data sets in the folder that BENCHCOMP_DATA names")
    return Path(folder)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment for a benchcomp process with the test plugin and an empty runs folder."""
    paths = [str(SUPPORT), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "BENCHCOMP_PLUGINS": "misbehaving",
        "BENCHCOMP_RUNS": str(tmp_path / "runs"),
    }


@pytest.fixture
def benchcomp(environment: dict[str, str], tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line as a user would, in a process of its own, in an empty folder."""

    def run(*arguments: object, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "benchcomp", *map(str, arguments)],
            env={**environment, **changes},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run
