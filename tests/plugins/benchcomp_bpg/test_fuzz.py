"""A few hundred inputs of scripts/fuzz_bpg.py, which runs as many as wanted."""

import importlib.util
import random
from pathlib import Path

SCRIPT = Path(__file__).parents[3] / "scripts" / "fuzz_bpg.py"


def test_damaged_files_end_in_pixels_or_in_a_bitstream_error() -> None:
    spec = importlib.util.spec_from_file_location("fuzz_bpg", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    fuzz = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzz)
    files = fuzz.own_files()
    rng = random.Random(1)
    outcomes = {fuzz.outcome(fuzz.mutate(rng, files)) for _ in range(400)}
    assert "pixels" in outcomes
    assert len(outcomes) > 10
