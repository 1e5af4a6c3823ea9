"""Run files and imported results from strangers: named errors, never a traceback, never code that runs."""

from __future__ import annotations

import json
import random
import re
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchcomp import BenchcompError
from benchcomp.cli.runs import import_file
from benchcomp.registry import Registry, default
from benchcomp.results import load
from benchcomp.store import ImageRecord, Outcome, Point, Score, Store

ROOT = Path(__file__).parents[2]
METRIC = {
    "name": "mae",
    "title": "MAE",
    "unit": "",
    "higher_is_better": False,
    "definition": "1",
    "decibels": False,
}
MANIFEST = {
    "created": "2026-01-01T00:00:00+00:00",
    "dataset": {"id": "tiny"},
    "images": 3,
    "codecs": [{"codec": "jpeg", "options": "", "version": "1", "rates": [50]}],
    "metrics": [METRIC],
}


def make_run(path: Path) -> Path:
    with Store.create(path, MANIFEST) as store:
        for number in range(3):
            sha256 = f"{number:064x}"
            points = [
                Point(
                    sha256,
                    "jpeg",
                    "",
                    float(q),
                    "1",
                    "ok",
                    bytes=q,
                    encode_wall_s=(0.1,),
                    scores=(Score("mae", "1", 1.0),),
                )
                for q in (10, 30, 50)
            ]
            outcome = Outcome(sha256, "jpeg", "", "1", "bpp", 0.25, 30.0, 0.25, True)
            store.add([ImageRecord(f"{number}.png", sha256, 24, 16)], points, [outcome])
    return path


def read_all(path: Path) -> None:
    """What a user's commands do with a run; only a named error may come of it."""
    message = ""
    try:
        load(path, Registry())
        with Store.read(path) as store:
            list(store.points())
            store.images()
    except BenchcompError as error:
        message = str(error)
    assert "\n" not in message


def test_run_files_with_flipped_bytes(tmp_path: Path) -> None:
    content = bytearray(make_run(tmp_path / "run.sqlite").read_bytes())
    rng = random.Random(3)
    path = tmp_path / "mutated.sqlite"
    for _ in range(200):
        mutated = bytearray(content)
        for _ in range(rng.choice((1, 4, 40))):
            mutated[rng.randrange(len(mutated))] = rng.randrange(256)
        if rng.random() < 0.2:
            del mutated[rng.randrange(len(mutated)) :]
        path.write_bytes(mutated)
        read_all(path)


VALUES = st.one_of(
    st.none(), st.integers(-(2**40), 2**40), st.floats(), st.text(max_size=12), st.binary(max_size=12)
)
CELLS = [
    ("meta", "value"), ("images", "image"), ("images", "sha256"), ("images", "width"), ("images", "reason"),
    ("points", "sha256"), ("points", "quality"), ("points", "status"), ("points", "bytes"), ("points", "lossless"),
    ("points", "encode_wall_s"), ("points", "reason"), ("scores", "value"), ("scores", "reason"),
    ("targets", "target"), ("targets", "reached"), ("targets", "quality"), ("targets", "achieved"),
]  # fmt: skip


@pytest.fixture(scope="module")
def run_content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_run(tmp_path_factory.mktemp("run") / "run.sqlite").read_bytes()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cell=st.sampled_from(CELLS), value=VALUES)
def test_run_files_with_foreign_values(
    tmp_path: Path, run_content: bytes, cell: tuple[str, str], value: object
) -> None:
    path = tmp_path / "foreign.sqlite"
    path.write_bytes(run_content)
    connection = sqlite3.connect(path)
    table, column = cell
    try:
        connection.execute(
            f"UPDATE OR IGNORE {table} SET {column} = ? WHERE rowid >= 0"
            if table == "points"
            else f"UPDATE OR IGNORE {table} SET {column} = ?",
            (value,),
        )
        connection.commit()
    except sqlite3.IntegrityError:
        return
    finally:
        connection.close()
    read_all(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=8), part, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("exported")
    run = load(make_run(folder / "run.sqlite"), Registry())
    default().report("json").write([run], folder / "run.json")
    return (folder / "run.json").read_text()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), value=JSON)
def test_imported_json_with_foreign_values(tmp_path: Path, exported: str, seed: int, value: object) -> None:
    document = json.loads(exported)
    rng, place = random.Random(seed), document
    for _ in range(rng.randrange(1, 5)):
        keys = (
            list(place) if isinstance(place, dict) else range(len(place)) if isinstance(place, list) else []
        )
        if not keys:
            break
        key = rng.choice(list(keys))
        if rng.random() < 0.4 or not isinstance(place[key], dict | list):
            place[key] = value
            break
        place = place[key]
    path = tmp_path / "foreign.json"
    path.write_text(json.dumps(document))
    message = ""
    try:
        import_file(path)
    except BenchcompError as error:
        message = str(error)
    assert "\n" not in message


def test_nothing_that_is_stored_or_sent_in_files_is_pickled() -> None:
    """Unpickling runs code; our files are SQLite, JSON, TOML, CSV, safetensors and the formats themselves."""
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("benchcomp", "plugins", "datasets", "reports")
        for path in (ROOT / folder).rglob("*.py")
        if "testing" not in path.parts  # the conformance checks talk to their own child processes that way
        for line in path.read_text().splitlines()
        if re.search(
            r"^\s*(import|from) pickle|pickle\.\w|allow_pickle\s*=\s*True|torch\.load\((?!.*weights_only=True)",
            line,
        )
    ]
    assert found == []
