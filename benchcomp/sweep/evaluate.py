"""Measures one image with one codec: encode, decode, check, time, score.

Runs inside a worker process and reports what it does and finds as events, so that whoever watches it
knows which call it is in when it hangs or dies. It writes nothing and decides nothing about retries.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

import benchcomp
from benchcomp import pixels as px
from benchcomp.codec import Codec
from benchcomp.dataset import Dataset
from benchcomp.metric import Metric, NotApplicable
from benchcomp.pixels import Pixels
from benchcomp.registry import Registry
from benchcomp.store import ImageRecord, Outcome, Point, Score
from benchcomp.sweep.plan import Known, Target, Task
from benchcomp.sweep.search import Found, search

__all__ = ["Began", "Done", "Evaluator", "Event", "failure"]


@dataclass(frozen=True, slots=True)
class Began:
    """A step begins that may hang or die: ``phase`` is ``load``, ``encode``, ``decode`` or ``score``."""

    phase: str
    quality: float | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The task is finished."""


Event = Began | Done | ImageRecord | Point | Outcome
Send = Callable[[Event], None]


@dataclass
class _Image:
    """The image at hand with what the metrics made of it, shared by all codecs and rates."""

    key: tuple[str, str]
    pixels: Pixels
    sha256: str
    prepared: dict[str, Any] = field(default_factory=dict)


class Evaluator:
    """Evaluates tasks one after another; keeps codecs, metrics and the last image between them."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._image: _Image | None = None
        self._warm: set[str] = set()
        # One instance a name for the life of the worker, so that weights load once.
        self._dataset: Callable[[str], Dataset] = functools.cache(registry.dataset)
        self._codec: Callable[[str], Codec] = functools.cache(registry.codec)
        self._metric: Callable[[str], Metric] = functools.cache(registry.metric)

    def run(self, task: Task, send: Send) -> None:
        """Evaluate one task, sending events as they happen; the last one is :class:`Done`."""
        send(Began("load"))
        try:
            image = self._load(task.dataset, task.image)
        except Exception as error:
            send(ImageRecord(task.image, None, reason=_message(error)))
            send(Done())
            return
        height, width = image.pixels.shape[:2]
        send(ImageRecord(task.image, image.sha256, width, height))
        known = dict(task.known) if image.sha256 == task.sha256 else {}
        values: dict[float | None, Known] = dict(known)
        for quality in task.codec.rates:
            if _missing(known.get(quality), task.metrics):
                values[quality] = self._measure(task, image, quality, known.get(quality), send)
        for target in task.targets:
            send(self._search(task, image, target, values, send))
        send(Done())

    def _load(self, dataset: str, image: str) -> _Image:
        if self._image is None or self._image.key != (dataset, image):
            pixels = px.check(self._dataset(dataset).load(image), f"image {image!r}")
            self._image = _Image((dataset, image), pixels, px.content_hash(pixels))
        return self._image

    def _search(
        self, task: Task, image: _Image, target: Target, values: dict[float | None, Known], send: Send
    ) -> Outcome:
        area = image.pixels.shape[0] * image.pixels.shape[1]

        def value(known: Known) -> float | None:
            if known.status != "ok" or known.size is None:
                return None
            return 8 * known.size / area if target.measure == "bpp" else known.scores.get(target.measure)

        def probe(quality: float | None) -> float | None:
            if quality not in values or _missing(values[quality], task.metrics):
                values[quality] = self._measure(task, image, quality, values.get(quality), send)
            return value(values[quality])

        knob = self._codec(task.codec.label).knob
        if knob is None:
            found = _single(probe(None), target, task.tolerance)
        else:
            visited = {q: value(k) for q, k in values.items() if q is not None}
            found = search(knob, target.value, probe, visited, task.tolerance)
        return Outcome(
            image.sha256, task.codec.codec, task.codec.options, task.codec.version, target.measure,
            target.value, found.quality, found.achieved, found.reached, found.reason,
        )  # fmt: skip

    def _measure(
        self, task: Task, image: _Image, quality: float | None, known: Known | None, send: Send
    ) -> Known:
        point = self._point(task, image, quality, known, send)
        send(point)
        return Known(point.status, point.bytes, {score.metric: score.value for score in point.scores})

    def _point(
        self, task: Task, image: _Image, quality: float | None, known: Known | None, send: Send
    ) -> Point:
        empty = failure(task, image.sha256, quality, "ok", "")
        bitstream = known.bitstream if known is not None else None
        try:
            codec = self._codec(task.codec.label)
            if bitstream is None:
                self._warm_up(codec, task, image, quality, send)
                point, reconstruction = _code(codec, task, image, quality, empty, send)
            else:
                send(Began("decode", quality))
                reconstruction = _reconstruction(codec.decode(bitstream), image.pixels)
                point = replace(empty, bytes=len(bitstream))
        except MemoryError as error:
            return replace(empty, status="memory", reason=_message(error))
        except Exception as error:
            return replace(empty, status="error", reason=_message(error))
        send(Began("score", quality))
        scores = tuple(self._score(name, image, reconstruction) for name in task.metrics)
        return replace(point, scores=scores)

    def _warm_up(self, codec: Codec, task: Task, image: _Image, quality: float | None, send: Send) -> None:
        """Encode and decode once untimed, so that no reading contains a library's or weights' loading."""
        if task.codec.label not in self._warm:
            send(Began("encode", quality))
            bitstream = codec.encode(image.pixels, quality)
            send(Began("decode", quality))
            codec.decode(bitstream)
            self._warm.add(task.codec.label)

    def _score(self, name: str, image: _Image, reconstruction: Pixels) -> Score:
        metric = self._metric(name)
        try:
            if name not in image.prepared:
                image.prepared[name] = metric.prepare(image.pixels)
            value = metric.score(image.prepared[name], reconstruction)
        except NotApplicable as error:
            return Score(name, metric.definition, None, _message(error))
        except Exception as error:
            return Score(name, metric.definition, None, f"failed: {_message(error)}")
        if value is not None and not np.isfinite(value):
            return Score(name, metric.definition, None, f"the value is {value}")
        return Score(name, metric.definition, value)


def failure(task: Task, sha256: str, quality: float | None, status: str, reason: str) -> Point:
    """A point without measurements, for what failed."""
    return Point(
        sha256,
        task.codec.codec,
        task.codec.options,
        quality,
        task.codec.version,
        status,
        reason,
        measured_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        benchcomp_version=benchcomp.__version__,
    )


def _code(
    codec: Codec, task: Task, image: _Image, quality: float | None, empty: Point, send: Send
) -> tuple[Point, Pixels]:
    """Encode and decode with timing, and check what comes back."""
    encode_wall, encode_cpu, decode_wall, decode_cpu = [], [], [], []
    bitstream = b""
    decoded: Any = None
    _reset_peak()
    for _ in range(task.repeats):
        send(Began("encode", quality))
        encoded, wall, cpu = _timed(codec.encode, image.pixels, quality)
        if not isinstance(encoded, bytes | bytearray | memoryview):
            raise TypeError(f"encode returned {type(encoded).__name__}, not bytes")
        bitstream = bytes(encoded)
        encode_wall.append(wall)
        encode_cpu.append(cpu)
        send(Began("decode", quality))
        decoded, wall, cpu = _timed(codec.decode, bitstream)
        decode_wall.append(wall)
        decode_cpu.append(cpu)
    peak = _peak()
    reconstruction = _reconstruction(decoded, image.pixels)
    lossless = bool(np.array_equal(reconstruction, image.pixels))
    if codec.lossless and not lossless:
        raise ValueError("the codec calls itself lossless, but the decoded pixels differ")
    point = replace(
        empty,
        bytes=len(bitstream),
        lossless=lossless,
        encode_wall_s=tuple(encode_wall),
        decode_wall_s=tuple(decode_wall),
        encode_cpu_s=tuple(encode_cpu),
        decode_cpu_s=tuple(decode_cpu),
        peak_rss_bytes=peak,
        bitstream=bitstream if task.keep_bitstreams else None,
    )
    return point, reconstruction


def _reconstruction(decoded: object, source: Pixels) -> Pixels:
    reconstruction = px.check(decoded, "the decoded picture")
    if reconstruction.shape != source.shape:
        raise ValueError(f"the decoded picture has shape {reconstruction.shape}, the source {source.shape}")
    return reconstruction


def _missing(known: Known | None, metrics: tuple[str, ...]) -> bool:
    """Whether a point has yet to be measured or scored; failures are not tried again."""
    return known is None or (known.status == "ok" and any(name not in known.scores for name in metrics))


def _single(achieved: float | None, target: Target, tolerance: float) -> Found:
    if achieved is None:
        return Found(None, None, False, "the one rate point failed")
    if abs(achieved - target.value) <= tolerance * abs(target.value):
        return Found(None, achieved, True)
    return Found(None, achieved, False, f"the codec's one rate point gives {achieved:.4g}")


def _timed(call: Callable[..., Any], *arguments: Any) -> tuple[Any, float, float]:
    """The result, wall seconds, and CPU seconds of this process and its finished children."""
    cpu, wall = _cpu(), time.perf_counter()
    result = call(*arguments)
    wall = time.perf_counter() - wall
    return result, wall, _cpu() - cpu


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


_STATUS = Path("/proc/self/status")


def _reset_peak() -> None:
    """Make the system forget the largest resident size so far, where it can (Linux)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    """The largest resident size since the last reset, in bytes (since the start where it can't be reset)."""
    try:
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    scale = 1 if os.uname().sysname == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale


def _message(error: BaseException) -> str:
    """One line for the row: the error's own words, with its type where they don't speak for themselves."""
    text = " ".join(str(error).split())
    if isinstance(error, benchcomp.BenchcompError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
