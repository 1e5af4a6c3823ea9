"""The checks of a report, one function a promise of the contract, as in :mod:`benchcomp.testing.codecs`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchcomp import rows
from benchcomp.errors import BenchcompError
from benchcomp.report import MetricInfo, Report, Results
from benchcomp.testing import elsewhere
from benchcomp.testing.pictures import draw
from benchcomp.testing.subject import Failure, Subject, fail_if_slow_to_import, message

if TYPE_CHECKING:
    import pandas as pd

    from benchcomp.pixels import Pixels

__all__ = ["CHECKS", "example_results"]

_METRIC = MetricInfo("psnr_rgb", "PSNR (RGB)", "dB", True, "as in the check")


def is_well_formed(subject: Subject) -> None:
    """Name and suffix are as the contract says."""
    report = subject.make()
    if not isinstance(report, Report):
        raise Failure(f"the entry names {type(report).__name__}, which is no subclass of benchcomp.Report")
    if report.name != subject.text:
        raise Failure(f"the entry calls the report {subject.text!r}, but its class calls it {report.name!r}")
    if not report.suffix.startswith("."):
        raise Failure(f"the suffix {report.suffix!r} doesn't start with a dot")


def is_quick_to_import(subject: Subject) -> None:
    """Importing the plugin is quick: heavy libraries are imported inside the methods that need them."""
    fail_if_slow_to_import(subject, type(subject.make()).__module__)


def writes_a_run(subject: Subject) -> None:
    """A run with two codecs, pictures and a failed row is written to the file asked for, and there only."""
    _write(subject, "a run", [example_results()], watch=True)


def writes_what_is_not_all_there(subject: Subject) -> None:
    """A run without pictures, one where everything failed, and a published one are written or refused."""
    whole = example_results()
    _write(subject, "a run without pictures", [replace(whole, pictures=None)], refusal=True)
    failed = whole.frame.assign(status="error", reason="it broke", bpp=float("nan"), psnr_rgb=float("nan"))
    _write(subject, "a run in which everything failed", [replace(whole, frame=failed)], refusal=True)
    published = replace(whole, pictures=None, published=True, name="published")
    _write(subject, "a run beside a published one", [whole, published], refusal=True)


def _write(
    subject: Subject, what: str, runs: list[Results], refusal: bool = False, watch: bool = False
) -> None:
    """Write ``runs`` and look at what came of it; a BenchcompError is fine where ``refusal`` says so."""
    report: Report = subject.make()
    subject.announce(f"writing {what}")
    with tempfile.TemporaryDirectory() as folder, elsewhere.watched_folder() as watched:
        out = Path(folder) / f"out{report.suffix}"
        try:
            report.write(runs, out)
        except BenchcompError as error:
            if refusal and "\n" not in str(error):
                return
            raise Failure(f"writing {what} is refused: {error}") from None
        except Exception as error:
            raise Failure(f"writing {what} raised {message(error)}") from error
        written = list(Path(folder).glob(f"{out.stem}*"))  # some formats take a file a codec
        if not written:
            raise Failure(f"writing {what} left no file where it was asked for")
        if any(path.is_file() and not path.stat().st_size for path in written):
            raise Failure(f"writing {what} left an empty file")
        left = [path.name for path in Path(watched).iterdir()]
        if watch and left:
            raise Failure(f"writing {what} left files behind in the working folder: {', '.join(left[:3])}")


def example_results() -> Results:
    """A small run made up for the check: two images, two codecs of four rate points, one row failed."""
    import pandas as pd

    frame = pd.DataFrame([_row(*key) for key in _KEYS], columns=rows.columns([_METRIC.name]))
    frame.loc[frame.index[-1], ["status", "reason"]] = ["timeout", "no end after 300 s in encode"]
    frame.loc[frame.index[-1], ["bytes", "bpp", "bpc", _METRIC.name]] = float("nan")
    for column in ("bytes", "peak_rss_bytes", "width", "height", "repeats"):
        frame[column] = frame[column].astype("Int64")
    frame["lossless"] = frame["lossless"].astype("boolean")
    return Results("example", _manifest(), frame, _targets(), {_METRIC.name: _METRIC}, _Drawn())


_KEYS = [
    (image, codec, options, quality)
    for image in ("one", "two")
    for codec, options in (("jpeg", ""), ("jpeg", "subsampling=444"))
    for quality in (10.0, 30.0, 60.0, 90.0)
]


def _row(image: str, codec: str, options: str, quality: float) -> dict[str, Any]:
    size = round(300 + 20 * quality + 100 * len(options) + 10 * len(image))
    return {
        "dataset": "example", "image": image, "codec": codec, "options": options, "quality": quality,
        "target_bpp": float("nan"), "status": "ok", "reason": "", "width": 64, "height": 48,
        "bytes": size, "bpp": 8 * size / (64 * 48), "bpc": 8 * size / (64 * 48) / 3,
        "psnr_rgb": 25 + quality / 8 + len(options) / 10, "encode_wall_s": 0.002, "decode_wall_s": 0.001,
        "encode_cpu_s": 0.002, "decode_cpu_s": 0.001, "peak_rss_bytes": 100 << 20, "lossless": False,
        "repeats": 1, "codec_version": "example 1", "benchcomp_version": "0", "image_sha256": image * 10,
        "measured_at": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip


def _targets() -> pd.DataFrame:
    import pandas as pd

    from benchcomp.results import TARGETS

    return pd.DataFrame([], columns=TARGETS)


def _manifest() -> dict[str, Any]:
    variants = [("jpeg", ""), ("jpeg", "subsampling=444")]
    return {
        "created": "2026-01-01T00:00:00+00:00",
        "benchcomp": "0",
        "command": ["benchcomp", "run"],
        "dataset": {"id": "example", "title": "Example", "licence": "none needed", "citation": ""},
        "images": 2,
        "codecs": [
            {"codec": codec, "options": options, "version": "example 1", "rates": [10, 30, 60, 90]}
            for codec, options in variants
        ],
        "unavailable": {},
        "metrics": [
            {
                "name": _METRIC.name, "title": _METRIC.title, "unit": _METRIC.unit, "decibels": False,
                "higher_is_better": _METRIC.higher_is_better, "definition": _METRIC.definition,
            }
        ],
        "environment": {
            "python": "3", "platform": "none", "cpu": "none", "cores": 1, "memory_bytes": 1 << 30,
            "packages": {},
        },
        "settings": {
            "jobs": 1, "threads": 1, "timing": "parallel", "repeats": 1, "targets": [], "tolerance": 0.01,
            "shard": [0, 1], "time_limit_s": 300.0,
        },
        "experiment": 'codecs = ["jpeg", "jpeg:subsampling=444"]\n',
    }  # fmt: skip


class _Drawn:
    """Pictures that need no store."""

    def source(self, image: str) -> Pixels:
        return draw("photo" if image == "one" else "red", 64, 48).pixels

    def reconstruction(self, image: str, codec: str, options: str, quality: float | None) -> Pixels:
        return self.source(image)


CHECKS: tuple[Callable[[Subject], None], ...] = (
    is_well_formed,
    is_quick_to_import,
    writes_a_run,
    writes_what_is_not_all_there,
)
