from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from runfiles import measured

from benchcomp.registry import Registry
from benchcomp.results import load

Command = Callable[..., subprocess.CompletedProcess[str]]

SWEEP = ("run", "--dataset", "tiny", "--metrics", "mae", "-j", "2", "--quiet")


def rows(path: Path) -> list[tuple[object, ...]]:
    """Everything in a run that isn't a time of this very run."""
    connection = sqlite3.connect(path)
    points = connection.execute(
        "SELECT sha256, codec, options, quality, codec_version, status, bytes, lossless, metric, value, length(data) "
        "FROM points p LEFT JOIN scores s ON s.point = p.id LEFT JOIN bitstreams b ON b.point = p.id ORDER BY 1, 2, 3, 4"
    ).fetchall()
    targets = connection.execute("SELECT * FROM targets ORDER BY 1, 2, 3, 5, 6").fetchall()
    images = connection.execute("SELECT * FROM images ORDER BY 1").fetchall()
    connection.close()
    return [*points, *targets, *images]


def exit_code_on_resuming(path: Path) -> int:
    """1 where image13, which can't be read, is still to come; 0 where the run knows of it."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (known,) = connection.execute("SELECT count(*) FROM images WHERE reason <> ''").fetchone()
    return 0 if known else 1


def test_a_run_measures_and_summarises(benchcomp: Command, tmp_path: Path) -> None:
    done = benchcomp(*SWEEP[:-1], "--codecs", "shades,shades:level=1")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "shades:level=1" in done.stdout
    (path,) = (tmp_path / "runs").glob("*.sqlite")
    assert str(path) in done.stdout
    assert len(rows(path)) == 6 * 2 * 4 + 6


def test_failures_cost_their_own_rows_and_exit_with_1(benchcomp: Command, tmp_path: Path) -> None:
    done = benchcomp(
        *SWEEP, "--codecs", "shades,raises,segfaults,shapeless,noisy,hangs", "--time-limit", "2", "--limit", "3",
        "--out", "run.sqlite",
    )  # fmt: skip
    assert done.returncode == 1
    assert "chatter" not in done.stdout
    frame = load(tmp_path / "run.sqlite", Registry()).frame
    counts = frame.groupby(["codec", "status"]).size().to_dict()
    assert counts == {
        ("shades", "ok"): 12, ("noisy", "ok"): 12, ("shapeless", "error"): 12,
        ("raises", "ok"): 9, ("raises", "error"): 3,
        ("segfaults", "ok"): 9, ("segfaults", "crash"): 3,
        ("hangs", "ok"): 9, ("hangs", "timeout"): 3,
    }  # fmt: skip


def test_resume_computes_nothing_twice(benchcomp: Command, tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    assert benchcomp(*SWEEP, "--codecs", "shades", "--out", path).returncode == 0
    before = rows(path)
    # Slow would take the time that shades has taken already; resuming without codecs repeats the experiment.
    assert benchcomp("run", "--resume", "--out", path).returncode == 0
    assert rows(path) == before
    assert benchcomp(*SWEEP, "--codecs", "shades,raises", "--out", path, "--resume").returncode == 1
    after = rows(path)
    assert set(before) < set(after)
    assert (
        benchcomp(*SWEEP, "--codecs", "raises", "--out", path, "--resume", "--retry-failed").returncode == 1
    )
    assert rows(path) == after


def test_resume_adds_metrics_from_the_stored_bitstreams(benchcomp: Command, tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    benchcomp("run", "--dataset", "tiny", "--codecs", "slow", "--metrics", "", "--out", path)
    started = sqlite3.connect(path).execute("SELECT id, measured_at, encode_wall_s FROM points").fetchall()
    assert benchcomp(*SWEEP, "--codecs", "slow", "--out", path, "--resume").returncode == 0
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT id, measured_at, encode_wall_s FROM points").fetchall() == started
    assert connection.execute("SELECT count(value) FROM scores").fetchone() == (24,)


def test_a_changed_codec_version_is_measured_anew_and_never_mixed(benchcomp: Command, tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    benchcomp(*SWEEP, "--codecs", "shades", "--out", path)
    benchcomp(
        *SWEEP, "--codecs", "shades", "--limit", "2", "--out", path, "--resume", SHADES_VERSION="shades 2"
    )
    frame = load(path, Registry()).frame
    assert set(frame["codec_version"]) == {"shades 2"}
    assert len(frame) == 8


def test_killed_at_any_instant_a_run_resumes_to_the_same_rows(
    benchcomp: Command, environment: dict[str, str], tmp_path: Path
) -> None:
    arguments = [
        *SWEEP[:2],
        "tiny:60",
        *SWEEP[3:],
        "--codecs",
        "slow,shades",
        "--target-bpp",
        "9,12",
        "--rates",
        "1,2,4,6",
    ]
    undisturbed, killed = tmp_path / "undisturbed.sqlite", tmp_path / "killed.sqlite"
    assert benchcomp(*arguments, "--out", undisturbed).returncode == 1  # image13 can't be read
    command = [sys.executable, "-m", "benchcomp", *arguments, "--out", str(killed), "--resume"]
    rng = random.Random(7)
    grown = []
    for _ in range(20):
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(rng.uniform(0.1, 1.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if killed.exists():
            connection = sqlite3.connect(killed)
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            connection.close()
        grown.append(killed.stat().st_size if killed.exists() else 0)
    expected = exit_code_on_resuming(killed)
    assert benchcomp(*arguments, "--out", killed, "--resume").returncode == expected
    assert rows(killed) == rows(undisturbed)


def test_interrupt_keeps_what_was_measured_and_leaves_no_process(
    benchcomp: Command, environment: dict[str, str], tmp_path: Path
) -> None:
    import psutil

    path = tmp_path / "run.sqlite"
    command = [
        sys.executable,
        "-m",
        "benchcomp",
        *SWEEP[:2],
        "tiny:1000",
        *SWEEP[3:],
        "--codecs",
        "slow",
        "--out",
        str(path),
    ]
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_DFL
        ),  # a shell's background jobs ignore it
    )
    while not measured(path):
        assert process.poll() is None
        time.sleep(0.1)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert f"benchcomp run --resume --out {path}" in errors
    assert "Traceback" not in errors
    assert len(children) == 3  # two workers and the guard
    assert not any(child.is_running() for child in children)
    assert rows(path)


def test_targets_are_searched_per_image(benchcomp: Command, tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    done = benchcomp(
        *SWEEP, "--codecs", "shades", "--target-bpp", "12,0.01", "--target", "mae=3", "--out", path
    )
    assert done.returncode == 0, done.stderr
    results = load(path, Registry())
    assert len(results.targets) == 6 * 3
    reached = results.targets.set_index(["measure", "target"])["reached"]
    assert reached[("bpp", 12.0)].all()
    assert not reached[("bpp", 0.01)].any()
    unreachable = results.frame[results.frame["status"] == "unreachable"]
    assert list(unreachable["target_bpp"]) == [0.01] * 6
    assert unreachable["reason"].str.contains("outside").all()
    chosen = results.frame[(results.frame["target_bpp"] == 12) & (results.frame["status"] == "ok")]
    assert len(chosen) == 6


def test_shards_merge_to_the_whole(benchcomp: Command, tmp_path: Path) -> None:
    for part in (1, 2, 3):
        benchcomp(*SWEEP, "--codecs", "shades", "--shard", f"{part}/3", "--out", f"part{part}.sqlite")
    done = benchcomp("merge", "part1.sqlite", "part2.sqlite", "part3.sqlite", "--out", "whole.sqlite")
    assert done.returncode == 0, done.stderr
    benchcomp(*SWEEP, "--codecs", "shades", "--out", "once.sqlite")
    assert rows(tmp_path / "whole.sqlite") == rows(tmp_path / "once.sqlite")


def test_experiment_file_round_trip(benchcomp: Command, tmp_path: Path) -> None:
    first = benchcomp(
        *SWEEP, "--codecs", "shades:level=1,slow", "--rates", "slow=2,5", "--rates", "1:7:3", "--limit", "2",
        "--write-config", "exp.toml", "--out", "a.sqlite",
    )  # fmt: skip
    assert first.returncode == 0, first.stderr
    second = benchcomp("run", "--config", "exp.toml", "--out", "b.sqlite")
    assert second.returncode == 0, second.stderr
    assert rows(tmp_path / "a.sqlite") == rows(tmp_path / "b.sqlite")
    qualities = load(tmp_path / "b.sqlite", Registry()).frame.groupby("codec")["quality"].unique()
    assert list(qualities["slow"]) == [2, 5]
    assert list(qualities["shades"]) == [1, 4, 7]


def test_dry_run_says_what_and_how_long_and_writes_nothing(benchcomp: Command, tmp_path: Path) -> None:
    done = benchcomp(*SWEEP, "--codecs", "slow,raises", "--target-bpp", "12", "--rates", "2,4", "--dry-run")
    assert done.returncode == 0
    assert "tiny: 6 images; metrics: mae" in done.stdout
    assert "rates 2, 4; targets bpp=12" in done.stdout
    assert "FAILED on the first image: RuntimeError" in done.stdout
    assert "with 2 workers" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--codecs", "shadez"], "no codec is called 'shadez'; did you mean 'shades'?"),
        (["--codecs", "shades:level=x"], "option level is a whole number, not 'x'"),
        (["--codecs", "shades:colour=1"], "has no option 'colour'"),
        (["--codecs", "shades", "--rates", "9"], "bits 9 is outside the codec's range 1 to 8"),
        (["--codecs", "shades", "--rates", "a"], "--rates: 'a' is neither a number nor a range"),
        (["--codecs", "shades", "--metrics", "ma"], "no metric is called 'ma'; did you mean 'mae'?"),
        (["--codecs", "shades", "--target", "mae"], "--target is METRIC=VALUE"),
        (["--codecs", "shades", "--target-bpp", "-1"], "a target rate is a number of bits per pixel above 0"),
        (["--codecs", "shades", "--shard", "5/4"], "--shard is I/N"),
        (["--codecs", "shades", "--dataset", "tinny"], "no dataset is called 'tinny'; did you mean 'tiny'?"),
        (["--codecs", "shades", "--dataset", "folder:nowhere"], "nowhere"),
        (["--codecs", "shades", "--config", "no.toml"], "experiment file no.toml: No such file"),
        (["--codecs", "shades", "--out", "/proc/nothing/run.sqlite"], "choose another --out"),
        ([], "no codecs: name them with --codecs"),
        (["--resume"], "there is no run in"),
    ],
)  # fmt: skip
def test_wrong_use_is_one_line_and_exit_code_2(
    benchcomp: Command, arguments: list[str], message: str
) -> None:
    done = benchcomp("run", "--dataset", "tiny", "--metrics", "mae", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_full_disk_keeps_what_was_measured(
    benchcomp: Command, environment: dict[str, str], tmp_path: Path
) -> None:
    script = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000));"
        "from benchcomp.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *SWEEP[:2], "tiny:200", *SWEEP[3:], "--codecs", "shades", "--out", "run.sqlite"],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "run.sqlite" in done.stderr
    assert "Traceback" not in done.stderr
    expected = exit_code_on_resuming(tmp_path / "run.sqlite")
    resumed = benchcomp(
        *SWEEP[:2], "tiny:200", *SWEEP[3:], "--codecs", "shades", "--out", "run.sqlite", "--resume"
    )
    assert resumed.returncode == expected
    frame = load(tmp_path / "run.sqlite", Registry()).frame
    assert len(frame) == 199 * 4
