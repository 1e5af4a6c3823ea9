"""A few hundred inputs of scripts/fuzz_bpg.py, which runs as many as wanted."""

import importlib.util
import random
from pathlib import Path
from types import ModuleType

import benchcomp_bpg
import numpy as np
import pytest

from benchcomp import BitstreamError

SCRIPT = Path(__file__).parents[3] / "scripts" / "fuzz_bpg.py"


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz_bpg", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_damaged_files_end_in_pixels_or_in_a_bitstream_error(fuzz: ModuleType) -> None:
    files = fuzz.own_files()
    rng = random.Random(1)
    outcomes = {fuzz.outcome(fuzz.mutate(rng, files)) for _ in range(400)}
    assert "pixels" in outcomes
    assert len(outcomes) > 10


def test_damaged_files_never_show_what_else_is_in_memory(fuzz: ModuleType) -> None:
    files = fuzz.own_files()
    rng = random.Random(2)
    compared = 0
    for _ in range(500):
        data = fuzz.mutate(rng, files)
        try:
            pixels = benchcomp_bpg.decode(data)
        except BitstreamError:
            continue
        disturbed = [np.full(size, rng.randrange(256), np.uint8) for size in (3000, 20000, 100000)]
        del disturbed
        np.testing.assert_array_equal(benchcomp_bpg.decode(data), pixels)
        compared += 1
    assert compared > 50
