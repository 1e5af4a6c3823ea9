"""What to evaluate: an experiment, and the tasks that it comes to.

An :class:`Experiment` is what the user asked for, as one frozen value that reads from and writes to
TOML. :func:`tasks` turns it into units of work, one image and one codec variant with all its rate
points, in an order that makes an interrupted run useful.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import numbers
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchcomp import variants
from benchcomp.codec import Codec
from benchcomp.dataset import Dataset
from benchcomp.errors import BenchcompError, Unavailable
from benchcomp.registry import Registry

__all__ = [
    "DEFAULT_METRICS",
    "CodecPlan",
    "Experiment",
    "Known",
    "Target",
    "Task",
    "codec_plans",
    "images",
    "parse_toml",
    "read_toml",
    "write_toml",
]

DEFAULT_METRICS = ("psnr_rgb", "ssim_rgb", "ms_ssim_rgb", "lpips_alex")


@dataclass(frozen=True, slots=True)
class Target:
    """A value to search for on every image: ``measure`` is ``bpp`` or a metric's name."""

    measure: str
    value: float


@dataclass(frozen=True, slots=True)
class CodecPlan:
    """One codec variant and the qualities to run it at.

    ``options`` is the canonical text of its options; ``rates`` are knob values, empty where only
    targets are searched, and ``(None,)`` for a codec with a single rate point.
    """

    codec: str
    options: str
    version: str
    rates: tuple[float | None, ...]

    @property
    def label(self) -> str:
        """What users type: ``jpeg:subsampling=444``."""
        return variants.label(self.codec, self.options)


@dataclass(frozen=True)
class Experiment:
    """What to run. Every field but the codecs has a default.

    Attributes:
        codecs: variants as users type them.
        dataset: ``name`` or ``name:argument``.
        metrics: metric names.
        rates: knob values by codec variant as typed, or under ``""`` for all; empty: the codecs'
            default ladders (or only the targets' searches, where there are targets).
        targets: values to search for on every image.
        tolerance: relative deviation from a target that counts as reached.
        limit: the first so many images only.
        shard: (i, n): only every n-th image, starting at the i-th (from 0); runs of all shards merge.
        repeats: timed encodes and decodes of every point.
        serial: one task at a time, so that times are measured without other load.
        time_limit_s: seconds for one encode or decode.
        memory_limit_bytes: resident memory of one worker process; 0: a share of the machine's.
        threads: threads that a worker's numerical libraries use.
        keep_bitstreams: whether the store keeps the bytes, which pictures in reports need.

    Raises:
        BenchcompError: a field's value can't be meant; names it.
    """

    codecs: tuple[str, ...]
    dataset: str = "facades-sample"
    metrics: tuple[str, ...] = DEFAULT_METRICS
    rates: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    tolerance: float = 0.01
    limit: int | None = None
    shard: tuple[int, int] = (0, 1)
    repeats: int = 1
    serial: bool = False
    time_limit_s: float = 300.0
    memory_limit_bytes: int = 0
    threads: int = 1
    keep_bitstreams: bool = True

    def __post_init__(self) -> None:
        for name, (words, fits) in _FITTING.items():
            value = getattr(self, name)
            if not fits(value):
                raise BenchcompError(f"{name} is {words}, not {value!r:.60}")


def _is_whole(value: object, low: int) -> bool:
    # Nothing that is counted comes near 2**62; above, the system's calls overflow.
    return isinstance(value, numbers.Integral) and not isinstance(value, bool) and low <= int(value) < 2**62


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _are_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(part, str) for part in value)


def _is_shard(value: Any) -> bool:
    return len(value) == 2 and all(_is_whole(part, 0) for part in value) and value[0] < value[1]


def _is_target(target: Target) -> bool:
    return math.isfinite(target.value) and (target.measure != "bpp" or target.value > 0)


_FITTING: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "codecs": ("a list of texts", _are_texts),
    "dataset": ("a text", lambda value: isinstance(value, str)),
    "metrics": ("a list of texts", _are_texts),
    "targets": (
        "a list of finite numbers, those of bpp above 0",
        lambda value: all(_is_target(target) for target in value),
    ),
    "tolerance": ("a number from 0", lambda value: _is_number(value) and value >= 0),
    "limit": ("a whole number from 1", lambda value: value is None or _is_whole(value, 1)),
    "shard": ("a pair of whole numbers from 0, the first below the second", _is_shard),
    "repeats": ("a whole number from 1", lambda value: _is_whole(value, 1)),
    "serial": ("true or false", lambda value: isinstance(value, bool)),
    "time_limit_s": ("a number of seconds above 0", lambda value: _is_number(value) and value > 0),
    "memory_limit_bytes": ("a whole number from 0", lambda value: _is_whole(value, 0)),
    "threads": ("a whole number from 1", lambda value: _is_whole(value, 1)),
    "keep_bitstreams": ("true or false", lambda value: isinstance(value, bool)),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has of one rate point: its status, size and scores (of the definitions asked for).

    ``bitstream`` is given where scores are missing, so that they are had by decoding alone.
    """

    status: str
    size: int | None = None
    scores: Mapping[str, float | None] = field(default_factory=dict)
    bitstream: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Task:
    """One unit of work: one image, one codec variant, all its rate points and searches.

    ``known`` holds what needs no more measuring; it counts only if the image still has the content
    hash ``sha256``.
    """

    dataset: str
    image: str
    codec: CodecPlan
    metrics: tuple[str, ...]
    targets: tuple[Target, ...] = ()
    tolerance: float = 0.01
    repeats: int = 1
    keep_bitstreams: bool = True
    sha256: str = ""
    known: Mapping[float | None, Known] = field(default_factory=dict)


def codec_plans(experiment: Experiment, registry: Registry) -> tuple[list[CodecPlan], dict[str, str]]:
    """The variants to run, and those that are unavailable with the reason.

    Raises:
        BenchcompError: an unknown codec, a bad option or rate, or no codec that is available.
    """
    plans: list[CodecPlan] = []
    unavailable: dict[str, str] = {}
    for text in experiment.codecs:
        try:
            codec = registry.codec(text)
        except Unavailable as error:
            unavailable[text] = str(error)
            continue
        plan = CodecPlan(
            codec.name,
            variants.format_options(codec.options),
            codec.version(),
            _rates(experiment, text, codec),
        )
        if plan not in plans:
            plans.append(plan)
    if not plans:
        reasons = "; ".join(unavailable.values())
        raise BenchcompError(f"none of the codecs can run: {reasons}" if reasons else "no codec is named")
    return plans, unavailable


def _rates(experiment: Experiment, text: str, codec: Codec) -> tuple[float | None, ...]:
    if codec.knob is None:
        return (None,)
    rates = experiment.rates.get(text, experiment.rates.get(""))
    if rates is None:
        return () if experiment.targets else codec.knob.ladder
    try:
        return tuple(dict.fromkeys(codec.knob.check(rate) for rate in rates))
    except BenchcompError as error:
        raise BenchcompError(f"--rates for {text}: {error}") from None


def images(experiment: Experiment, dataset: Dataset) -> Iterator[str]:
    """The ids of the images that the experiment covers, lazily."""
    first, step = experiment.shard
    return itertools.islice(itertools.islice(dataset.images(), experiment.limit), first, None, step)


def read_toml(path: Path) -> dict[str, Any]:
    """Read an experiment file into the fields of :class:`Experiment`.

    The file has the fields' names as keys, ``target_bpp = [0.1, 0.2]``, ``targets = {ssim_rgb = [0.9]}``
    and either ``codecs = ["jpeg", "webp:effort=6"]`` or a table a codec::

        [[codecs]]
        name = "jpeg"
        rates = [10, 30, 50]
        options = { subsampling = "444" }

    Raises:
        BenchcompError: no such file, no TOML, an unknown key or a value of the wrong kind.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BenchcompError(f"experiment file {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BenchcompError(f"experiment file {path} is not TOML: {error}") from error
    return parse_toml(text, f"experiment file {path}")


def parse_toml(text: str, what: str) -> dict[str, Any]:
    """The same from a text; ``what`` is named in error messages."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BenchcompError(f"{what} is not TOML: {error}") from error
    try:
        return _fields(data)
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError) as error:
        raise BenchcompError(f"{what}: a value is of the wrong kind: {error}") from error
    except BenchcompError as error:
        raise BenchcompError(f"{what}: {error}") from None


def _fields(data: dict[str, Any]) -> dict[str, Any]:
    known = {f.name for f in dataclasses.fields(Experiment)} | {"target_bpp"}
    for key in data:
        if key not in known:
            raise BenchcompError(f"no setting is called {key!r}{variants.did_you_mean(key, known)}")
    for key in ("codecs", "metrics", "target_bpp", "shard"):
        if key in data and not isinstance(data[key], list):
            raise BenchcompError(f"{key} is a list, not {data[key]!r:.60}")
    fields = dict(data)
    rates: dict[str, tuple[float, ...]] = {}
    if "rates" in fields:
        given = fields["rates"]
        rates = (
            {"": tuple(map(float, given))}
            if isinstance(given, list)
            else {name: tuple(map(float, values)) for name, values in given.items()}
        )
    codecs = []
    for item in fields.get("codecs", []):
        text = item if isinstance(item, str) else _codec_text(item)
        codecs.append(text)
        if not isinstance(item, str) and "rates" in item:
            rates[text] = tuple(map(float, item["rates"]))
    if codecs:
        fields["codecs"] = tuple(codecs)
    if rates:
        fields["rates"] = rates
    targets = [Target("bpp", float(value)) for value in fields.pop("target_bpp", [])]
    for measure, values in fields.get("targets", {}).items():
        targets += [Target(measure, float(value)) for value in values]
    if targets:
        fields["targets"] = tuple(targets)
    if "metrics" in fields:
        fields["metrics"] = tuple(map(str, fields["metrics"]))
    if "shard" in fields:
        fields["shard"] = tuple(fields["shard"])
    return fields


def _codec_text(item: Mapping[str, Any]) -> str:
    options = {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in item.get("options", {}).items()
    }
    return ":".join([item["name"], *(f"{key}={value}" for key, value in options.items())])


_SCALARS = (
    "tolerance",
    "limit",
    "repeats",
    "serial",
    "time_limit_s",
    "memory_limit_bytes",
    "threads",
    "keep_bitstreams",
)


def write_toml(experiment: Experiment) -> str:
    """The experiment as TOML that :func:`read_toml` reads back to an equal one."""
    import tomli_w

    data: dict[str, Any] = {"dataset": experiment.dataset, "metrics": list(experiment.metrics)}
    default = Experiment(codecs=())
    for name in _SCALARS:
        if getattr(experiment, name) != getattr(default, name):
            data[name] = getattr(experiment, name)
    if experiment.shard != default.shard:
        data["shard"] = list(experiment.shard)
    if "" in experiment.rates:
        data["rates"] = list(experiment.rates[""])
    measures: dict[str, list[float]] = {}
    for target in experiment.targets:
        measures.setdefault(target.measure, []).append(target.value)
    if "bpp" in measures:
        data["target_bpp"] = measures.pop("bpp")
    if measures:
        data["targets"] = measures
    data["codecs"] = [_codec_table(text, experiment.rates) for text in experiment.codecs]
    return tomli_w.dumps(data)


def _codec_table(text: str, rates: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    name, options = variants.parse(text)
    table: dict[str, Any] = {"name": name}
    if options:
        table["options"] = options
    if text in rates:
        table["rates"] = list(rates[text])
    return table
