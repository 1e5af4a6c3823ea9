from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from benchcomp.store import ImageRecord, Outcome, Point
from benchcomp.sweep.isolate import Limits, Worker
from benchcomp.sweep.plan import CodecPlan, Target, Task


@pytest.fixture
def worker(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    for name in ("PYTHONPATH", "BENCHCOMP_PLUGINS"):
        monkeypatch.setenv(name, environment[name])
    with Worker(Limits(time_s=5, memory_bytes=250 * 2**20)) as worker:
        yield worker


def task(codec: str, image: str = "image1", **fields: object) -> Task:
    plan = CodecPlan(codec, "", "shades 1", (1.0, 2.0, 4.0, 6.0))
    return Task("tiny", image, plan, ("mae",), **fields)  # type: ignore[arg-type]


def points(worker: Worker, task: Task) -> dict[float | None, Point]:
    found = [result for result in worker.run(task) if isinstance(result, Point)]
    assert len({point.quality for point in found}) == len(found)
    return {point.quality: point for point in found}


def test_measures_every_rate(worker: Worker) -> None:
    found = points(worker, task("shades"))
    assert list(found) == [1, 2, 4, 6]
    sizes = [point.bytes for point in found.values()]
    assert sizes == sorted(sizes)
    for point in found.values():
        assert point.status == "ok"
        assert point.bitstream is not None
        assert len(point.bitstream) == point.bytes
        assert point.scores[0].metric == "mae"
        assert point.encode_wall_s[0] > 0
        assert point.peak_rss_bytes > 2**20


@pytest.mark.parametrize(
    ("codec", "status", "reason"),
    [
        ("raises", "error", "RuntimeError: four bits are too many"),
        ("hangs", "timeout", "no end after 5 s in encode"),
        ("segfaults", "crash", "the worker process died of SIGSEGV in encode"),
        ("exits", "crash", "the worker process ended with exit code 3 in encode"),
        ("greedy", "memory", ""),
        ("textual", "error", "TypeError: encode returned str, not bytes"),
    ],
)
def test_a_failing_rate_costs_its_own_row(worker: Worker, codec: str, status: str, reason: str) -> None:
    found = points(worker, task(codec))
    assert {quality: point.status for quality, point in found.items()} == {
        1: "ok", 2: "ok", 4: status, 6: "ok",
    }  # fmt: skip
    assert reason in found[4].reason
    assert "\n" not in found[4].reason
    # The worker is as good as new for the next task.
    assert {point.status for point in points(worker, task("shades", "image2")).values()} == {"ok"}


@pytest.mark.parametrize(
    ("codec", "reason"),
    [
        ("shapeless", "the decoded picture has shape (15, 24, 3), the source (16, 24, 3)"),
        ("undecodable", "Error -5 while decompressing"),
        ("liar", "calls itself lossless, but the decoded pixels differ"),
    ],
)
def test_wrong_output_is_an_error(worker: Worker, codec: str, reason: str) -> None:
    for point in points(worker, task(codec)).values():
        assert point.status == "error"
        assert reason in point.reason
        assert point.bytes is None


def test_unreadable_image_is_recorded(worker: Worker) -> None:
    assert list(worker.run(task("shades", "image13"))) == [
        ImageRecord("image13", None, reason="image13 is unlucky")
    ]


def test_metric_without_a_value_keeps_the_row(worker: Worker) -> None:
    plan = CodecPlan("shades", "", "shades 1", (2.0,))
    results = worker.run(Task("tiny", "image1", plan, ("tall_only", "breaks", "mae")))
    (point,) = [result for result in results if isinstance(result, Point)]
    assert point.status == "ok"
    values = {score.metric: (score.value is None, score.reason) for score in point.scores}
    assert values["mae"] == (False, "")
    assert values["tall_only"][0]
    assert "this has 16" in values["tall_only"][1]
    assert values["breaks"] == (True, "failed: RuntimeError: the metric broke")


def test_search_keeps_its_probes_as_points(worker: Worker) -> None:
    plan = CodecPlan("shades", "", "shades 1", ())
    results = list(
        worker.run(Task("tiny", "image1", plan, ("mae",), (Target("bpp", 12.0), Target("mae", 3.0))))
    )
    found = {result.quality: result for result in results if isinstance(result, Point)}
    rate, error = (result for result in results if isinstance(result, Outcome))
    assert {1, 8} <= set(found)
    assert rate.reached
    assert rate.achieved == pytest.approx(8 * found[rate.quality].bytes / (16 * 24))
    assert abs(rate.achieved - 12.0) == min(abs(8 * p.bytes / (16 * 24) - 12.0) for p in found.values())
    assert error.measure == "mae"
    assert error.achieved == found[error.quality].scores[0].value


def test_search_survives_a_crash_in_a_probe(worker: Worker) -> None:
    plan = CodecPlan("segfaults", "", "shades 1", ())
    target = (Target("bpp", 12.5),)
    results = list(worker.run(Task("tiny", "image1", plan, ("mae",), target)))
    assert [result.status for result in results if isinstance(result, Point) and result.quality == 4] == [
        "crash"
    ]
    (outcome,) = [result for result in results if isinstance(result, Outcome)]
    assert outcome.quality in (3, 5)


def test_stop_from_another_thread_ends_a_hung_call_and_its_process(worker: Worker) -> None:
    seen: list[object] = []
    thread = threading.Thread(target=lambda: seen.extend(worker.run(task("hangs"))))
    thread.start()
    while len(seen) < 3:
        time.sleep(0.01)
    everyone = psutil.Process(os.getpid()).children(recursive=True)
    children = [child for child in everyone if "benchcomp.sweep.worker" in child.cmdline()]
    assert children
    worker.stop()
    thread.join(timeout=5)
    assert not thread.is_alive()
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)
