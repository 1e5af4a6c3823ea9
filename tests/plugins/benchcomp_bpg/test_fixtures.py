"""Files made by the reference encoder decode to exactly the reference decoder's pixels."""

import json
import os
from pathlib import Path

import benchcomp_bpg
import numpy as np
import pytest

DATA = os.environ.get("BENCHCOMP_DATA")
FOLDER = Path(DATA).parent / "fixtures" / "bpg" if DATA else None
NAMES = (
    [entry["name"] for entry in json.loads((FOLDER / "manifest.json").read_text())]
    if FOLDER and FOLDER.is_dir()
    else []
)


@pytest.mark.skipif(not NAMES, reason="BENCHCOMP_DATA names no folder with ../fixtures/bpg")
def test_fixtures_are_complete() -> None:
    assert FOLDER is not None
    assert sorted(path.stem for path in FOLDER.glob("*.bpg")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_decodes_like_the_reference(name: str) -> None:
    assert FOLDER is not None
    pixels = benchcomp_bpg.decode((FOLDER / f"{name}.bpg").read_bytes())
    np.testing.assert_array_equal(pixels, np.load(FOLDER / f"{name}.npy"))
