"""Run files and imported results from strangers: named errors, never a traceback, never code that runs."""

from __future__ import annotations

import copy
import csv
import io
import json
import random
import re
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import benchcomp_command.description
import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from benchcomp import BenchcompError
from benchcomp.analysis import rate_points
from benchcomp.cli.runs import import_file
from benchcomp.pixels import read as read_pixels
from benchcomp.registry import Registry, default
from benchcomp.results import load
from benchcomp.store import ImageRecord, Outcome, Point, Score, Store
from benchcomp.sweep import plan
from benchcomp.sweep.execute import make_plan

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


def make_run(path: Path, metric: str = "mae") -> Path:
    metrics = [METRIC | {"name": metric}]
    with Store.create(path, MANIFEST | {"metrics": metrics}) as store:
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
                    scores=(Score(metric, "1", 1.0),),
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
    read_results(path)


EXPERIMENT = {
    "codecs": [
        "webp:effort=6",
        {"name": "jpeg", "rates": [10, 50.0], "options": {"subsampling": "444", "optimize": True}},
    ],
    "dataset": "facades-sample",
    "metrics": ["psnr_rgb"],
    "rates": {"webp:effort=6": [10, 90]},
    "target_bpp": [0.25],
    "targets": {"psnr_rgb": [30.0]},
    "tolerance": 0.02,
    "limit": 2,
    "shard": [0, 2],
    "repeats": 1,
    "serial": False,
    "time_limit_s": 10.0,
    "memory_limit_bytes": 0,
    "threads": 1,
    "keep_bitstreams": True,
}
CODEC_FILE = {
    "encode": "python3 {here}/enc.py {input} {output} {quality} {level}",
    "decode": ["python3", "{here}/dec.py", "{input}", "{output}"],
    "version": "python3 --version",
    "input": "png",
    "bitstream": "bin",
    "output": "png",
    "lossless": False,
    "time_limit_s": 10,
    "hint": "",
    "quality": {"name": "q", "low": 1, "high": 9, "ladder": [1, 5, 9], "integer": True},
    "options": {"level": 3},
}
TOML = st.recursive(
    st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.sampled_from(
        ["", "jpeg", "folder:", "folder:\0", "jpeg:", ":", "{", "{quality", "{0}", "a,b", "*.toml"]
    ),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=8), part, max_size=3),
    max_leaves=8,
)


def with_foreign_value(document: Any, seed: int, value: object) -> Any:
    """The document with one of its parts replaced, dropped or added."""
    document = copy.deepcopy(document)
    rng, place = random.Random(seed), document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = rng.choice(keys)
        part = place[key]
        if isinstance(part, dict | list) and part and rng.random() < 0.6:
            place = part
        else:
            break
    if rng.random() < 0.1:
        del place[key]
    elif isinstance(place, dict) and rng.random() < 0.1:
        place[str(value)[:8]] = value
    else:
        place[key] = value
    return document


def with_foreign_characters(text: str, seed: int) -> str:
    """The text with a few characters changed, dropped or doubled."""
    rng, characters = random.Random(seed), list(text)
    for _ in range(rng.choice((1, 3, 10))):
        place = rng.randrange(len(characters))
        characters[place] = rng.choice(
            ["", characters[place] * 2, *"\0\"'[]{}=,.\n#-1e9\x7f", "é", "\U0001f600"]
        )
    return "".join(characters)


def read_experiment(text: str) -> None:
    """What ``benchcomp run --config`` does before anything runs."""
    message = ""
    try:
        experiment = plan.Experiment(**{"codecs": ("jpeg",)} | plan.parse_toml(text, "experiment file"))
        make_plan(experiment, default())
        written = plan.Experiment(**plan.parse_toml(plan.write_toml(experiment), "experiment file"))
        assert written.targets == experiment.targets or sorted(map(str, written.targets)) == sorted(
            map(str, experiment.targets)
        )
    except BenchcompError as error:
        message = str(error)
    assert "\n" not in message


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32), value=TOML)
def test_experiment_files_with_foreign_values(seed: int, value: object) -> None:
    read_experiment(tomli_w.dumps(with_foreign_value(EXPERIMENT, seed, value)))


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_experiment_files_with_foreign_characters(seed: int) -> None:
    read_experiment(with_foreign_characters(tomli_w.dumps(EXPERIMENT), seed))


def test_nesting_without_end_is_no_toml() -> None:
    text = f"codecs = {'[' * 100_000}"
    read_experiment(text)
    with pytest.raises(BenchcompError, match="not TOML"):
        benchcomp_command.description.parse(Path("/made/up.toml"), text)


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32), value=TOML)
def test_codec_files_with_foreign_values(seed: int, value: object) -> None:
    text = tomli_w.dumps(with_foreign_value(CODEC_FILE, seed, value))
    message = ""
    try:
        benchcomp_command.description.parse(Path("/made/up.toml"), text)
    except BenchcompError as error:
        message = str(error)
    assert "\n" not in message


def read_results(path: Path) -> None:
    """What ``benchcomp import`` and the commands after it do with a file of results."""
    message = ""
    try:
        results = import_file(path)
    except BenchcompError as error:
        message = str(error)
    else:
        rate_points(results.frame, list(results.metrics))
    assert "\n" not in message


@pytest.fixture(scope="module")
def exported_csv(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("exported")
    run = load(make_run(folder / "run.sqlite", metric="psnr_rgb"), Registry())
    default().report("csv").write([run], folder / "run.csv")
    return (folder / "run.csv").read_text()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), cell=st.text(max_size=8) | st.floats().map(str) | st.integers().map(str))
def test_imported_csv_with_foreign_cells(tmp_path: Path, exported_csv: str, seed: int, cell: str) -> None:
    rng = random.Random(seed)
    rows = list(csv.reader(io.StringIO(exported_csv)))
    assert len(rows) == 10
    row = rows[rng.randrange(len(rows))]
    place = rng.randrange(len(row))
    row[place : place + rng.choice((0, 1, 1, 1, 2))] = [cell]
    path = tmp_path / "foreign.csv"
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        csv.writer(file).writerows(rows)
    read_results(path)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_imported_csv_with_foreign_characters(tmp_path: Path, exported_csv: str, seed: int) -> None:
    path = tmp_path / "foreign.csv"
    path.write_bytes(with_foreign_characters(exported_csv, seed).encode())
    read_results(path)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "tiff", "bmp", "gif", "ppm"])
def test_images_with_flipped_bytes(tmp_path: Path, kind: str) -> None:
    rng = random.Random(kind)
    path = tmp_path / f"picture.{kind}"
    Image.effect_noise((24, 16), 40).convert("RGB").save(path)
    content = path.read_bytes()
    for _ in range(150):
        mutated = bytearray(content)
        for _ in range(rng.choice((1, 4, 40))):
            # Half of the changes in the header, which decides most.
            mutated[rng.randrange(min(64, len(mutated)) if rng.random() < 0.5 else len(mutated))] = (
                rng.randrange(256)
            )
        if rng.random() < 0.2:
            del mutated[rng.randrange(len(mutated)) :]
        path.write_bytes(mutated)
        message = ""
        try:
            read_pixels(path)
        except BenchcompError as error:
            message = str(error)
        assert "\n" not in message


def test_a_wrong_experiment_file_ends_in_one_line(
    benchcomp: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "experiment.toml").write_text('codecs = ["jpeg"]\nshard = [2, 2]\n')
    done = benchcomp("run", "--config", "experiment.toml")
    assert done.returncode == 2
    assert done.stderr == (
        "benchcomp: shard is a pair of whole numbers from 0, the first below the second, not (2, 2)\n"
    )


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
