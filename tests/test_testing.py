from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import numpy as np
import pytest

from benchcomp import BenchcompError, testing
from benchcomp.registry import default
from benchcomp.testing import runner

Command = Callable[..., subprocess.CompletedProcess[str]]

BROKEN = {
    "misnamed": ("is_well_formed", "the entry calls the codec 'misnamed', but its class attribute name is 'another'"),
    "off_ladder": ("is_well_formed", "the default ladder leaves the knob's domain: bits 0 is outside"),
    "needs_eight": ("round_trips", "encoding photo of 1x1 at quality 1 raised RuntimeError: image too small"),
    "square_only": ("round_trips", "decoding photo of 1x9 at quality 1 gave shape (1, 9, 3), not (9, 1, 3)"),
    "bgr": ("shows_the_picture", "photo of 64x64 comes back with red and blue swapped"),
    "falling": ("ladder_rises", "on the same pictures, bits 4 gives"),
    "not_lossless": ("lossless_is_lossless", "the codec calls itself lossless, but"),
    "capped": ("honours_its_domain", "encoding photo of 40x32 at quality 8 raised ValueError: 8 bits are too many"),
    "dated": ("is_deterministic", "again with the same codec object gave other bytes"),
    "sidecar": ("bytes_are_enough", "a fresh process can't decode the bytes: BitstreamError: never seen it"),
    "per_process": ("is_the_same_in_every_process", "another process encodes the same picture to other bytes"),
    "thread_shy": ("is_thread_safe", "in four threads at once raised RuntimeError: somebody else is encoding"),
    "unpicklable": ("can_be_pickled", "pickling the codec raised TypeError"),
    "careless": ("refuses_damaged_bytes", "decoding no bytes at all raised IndexError"),
    "crashes": ("refuses_damaged_bytes", "the process died of SIGSEGV while decoding no bytes at all"),
    "hangs": ("refuses_damaged_bytes", "decoding no bytes at all had no end after 5 s"),
    "hoards": (None, ""),  # the memory limit makes it a MemoryError, which is allowed
    "versionless": ("has_a_version", "version() isn't overridden"),
    "litters": ("leaves_nothing_behind", "coding one picture left files behind: tmp"),
    "scribbles": ("round_trips", "encoding photo of 1x1 at quality 1 changed the pixels"),
}  # fmt: skip


def verdicts(done: subprocess.CompletedProcess[str]) -> dict[str, tuple[str, str]]:
    assert done.stdout, done.stderr
    return {verdict["check"]: (verdict["status"], verdict["reason"]) for verdict in json.loads(done.stdout)}


def check(benchcomp: Command, *arguments: object) -> subprocess.CompletedProcess[str]:
    return benchcomp(
        "plugins", "check", *arguments, "--json", "--time-limit", "60", BENCHCOMP_PLUGINS="rulebreakers"
    )


def test_an_honest_codec_conforms(benchcomp: Command) -> None:
    done = check(benchcomp, "honest")
    assert done.returncode == 0
    statuses = {name: status for name, (status, _) in verdicts(done).items()}
    assert statuses.pop("lossless_is_lossless") == "not made"
    assert set(statuses.values()) == {"passed"}
    assert len(statuses) == 14


@pytest.mark.parametrize("codec", BROKEN)
def test_a_broken_promise_fails_its_check_with_a_sentence(
    codec: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("PYTHONPATH", "BENCHCOMP_PLUGINS"):
        monkeypatch.setenv(variable, environment[variable].replace("misbehaving", "rulebreakers"))
    name, sentence = BROKEN[codec]
    (verdict,) = runner.run("codec", codec, (name or "refuses_damaged_bytes",), 5, 6 << 30)
    assert sentence in verdict.reason
    assert verdict.status == ("failed" if name else "passed")


def test_checks_after_a_crash_are_made(benchcomp: Command) -> None:
    done = check(benchcomp, "crashes", "--only", "has_a_version,refuses_damaged_bytes,leaves_nothing_behind")
    assert [status for status, _ in verdicts(done).values()] == ["passed", "failed", "passed"]


@pytest.mark.parametrize(
    ("name", "failures"),
    [
        ("upside_down", {"tells_better_from_worse", "stays_in_its_range"}),
        ("fickle", {"lists_its_images", "loads_its_images", "refuses_what_it_has_not"}),
        ("fragile", {"writes_what_is_not_all_there"}),
    ],
)
def test_other_kinds_of_plugins_are_checked_too(benchcomp: Command, name: str, failures: set[str]) -> None:
    found = verdicts(check(benchcomp, name))
    assert {check for check, (status, _) in found.items() if status == "failed"} == failures
    assert all(reason for status, reason in found.values() if status == "failed")


def test_the_command_explains_and_exits_with_1(benchcomp: Command) -> None:
    done = benchcomp(
        "plugins", "check", "versionless", "--only", "has_a_version", BENCHCOMP_PLUGINS="rulebreakers"
    )
    assert done.returncode == 1
    assert "failed    has_a_version: version() names what does the work" in done.stdout
    assert "            version() isn't overridden; name the library" in done.stdout
    assert done.stdout.endswith("versionless: 1 of 1 checks failed\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["jpge"], "nothing to check is called 'jpge'; did you mean 'jpeg'?"),
        (["jpeg", "--only", "round_trip"], "no codec check is called 'round_trip'; did you mean 'round_trips'?"),
        (["jpeg", "--kind", "codek"], "--kind is one of codec, metric, dataset, report"),
        (["jpeg:level=9"], "has no option 'level'"),
    ],
)  # fmt: skip
def test_wrong_use_is_one_line(benchcomp: Command, arguments: list[str], message: str) -> None:
    done = benchcomp("plugins", "check", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def first_party(kind: str) -> list[object]:
    """The names of one kind, those that can't be used here marked to be skipped with the reason."""
    return [
        pytest.param(
            listing.name, marks=[pytest.mark.skip(reason=listing.problem)] if listing.problem else []
        )
        for listing in default().list([kind])  # type: ignore[list-item]
        if "*" not in listing.name
    ]


@pytest.mark.parametrize("name", first_party("codec"))
def test_first_party_codec_conforms(name: str) -> None:
    codec = default().codec(name)
    try:
        codec.encode(np.zeros((64, 64, 3), np.uint8), None if codec.knob is None else codec.knob.low)
    except BenchcompError as error:
        pytest.skip(f"needs weights: {error}") if "weights" in str(error) else None
    testing.assert_conforms(name, kind="codec")


@pytest.mark.parametrize("name", first_party("metric"))
def test_first_party_metric_conforms(name: str) -> None:
    testing.assert_conforms(name, kind="metric")


@pytest.mark.parametrize("name", first_party("report"))
def test_first_party_report_conforms(name: str) -> None:
    testing.assert_conforms(name, kind="report")


def test_first_party_data_sets_conform(data: object, tmp_path: object) -> None:
    for name in ("facades-sample", "kodak", f"folder:{data}/kodak"):
        testing.assert_conforms(name, kind="dataset")
