"""codec-compare's batch JSON: one file per codec variant with a row per picture, and an index of them.

The pictures lie beside it as PNG, for its viewer. The format knows no absent value: a field that no row
has is left out, and so is a row that lacks a field which others have.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from benchcomp import BenchcompError, Pixels, Report, Results, make_options
from benchcomp_reports.common import cell, file_names, only_run, write_bytes, write_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CodecCompareReport"]

FIELDS = {
    "width": ("width", "Width of the picture in pixels"),
    "height": ("height", "Height of the picture in pixels"),
    "quality": ("quality", "The codec's quality setting"),
    "psnr": ("psnr_rgb", "PSNR over the RGB samples, in dB"),
    "ssim": ("ssim_rgb", "SSIM, mean of the RGB channels, as -10 log10(1 - x)"),
    "msssim": ("ms_ssim_rgb", "MS-SSIM, mean of the RGB channels, as -10 log10(1 - x)"),
    "lpips": ("lpips_alex", "LPIPS v0.1 with AlexNet, lower is better"),
    "encoded_size": ("bytes", "Bytes of the whole bitstream"),
    "bpp": ("bpp", "Bits per pixel"),
    "encoding_time": ("encode_wall_s", "Wall seconds of the encoder's call"),
    "decoding_time": ("decode_wall_s", "Wall seconds of the decoder's call"),
}
"""The format's fields that we can fill: our column, and the description that goes into the file."""

WHOLE = ("width", "height", "encoded_size")
"""Fields of whole numbers."""

CONSTANTS = {
    "name": "Name of the batch",
    "codec": "The codec variant",
    "version": "Version of what encodes and decodes",
    "time": "When the run was made",
    "source_data_set": "Where the pictures come from",
    "original_path": "The source picture, relative to this file",
    "decoded_path": "The decoded picture, relative to this file",
}


@dataclass(frozen=True)
class CodecCompareSettings:
    """What can be set.

    Attributes:
        pictures: whether to write the PNGs, which decodes every bitstream of the run.
    """

    pictures: bool = True


class CodecCompareReport(Report):
    """``out`` is the index; batches and pictures go to the folder ``STEM_files`` beside it."""

    name: ClassVar[str] = "codec-compare"
    suffix: ClassVar[str] = ".json"

    def write(self, runs: Sequence[Results], out: Path, **settings: Any) -> None:
        """Write one run; see :meth:`benchcomp.Report.write`."""
        from benchcomp.analysis import measured

        chosen = make_options(CodecCompareSettings, settings, f"format {self.name}")
        run = only_run(runs, self.name)
        if run.published:
            raise BenchcompError(f"run {run.name} holds averages only; codec-compare wants rows of pictures")
        folder = out.with_name(f"{out.stem}_files")
        with_pictures = chosen.pictures and run.pictures is not None
        images = file_names(dict.fromkeys(run.frame["image"]))
        if with_pictures:
            _write_sources(run, images, folder / "original")
        points = measured(run.frame)
        batches = file_names(dict.fromkeys(points["variant"]))
        for variant, stem in batches.items():
            rows = points[points["variant"] == variant]
            batch = _batch(run, variant, rows, images, stem, with_pictures)
            write_text(folder / f"{stem}.json", json.dumps(batch, ensure_ascii=False, indent=1) + "\n")
            if with_pictures:
                _write_decoded(run, rows, images, folder / stem)
        index = [[f"{folder.name}/{name}.json"] for name in batches.values()]
        write_text(out, json.dumps(index, indent=1) + "\n")


def _batch(
    run: Results, variant: str, rows: pd.DataFrame, images: dict[str, str], stem: str, pictures: bool
) -> dict[str, Any]:
    columns = _columns(run, rows)
    names: dict[str, list[Any]] = {"original_name": [f"{images[image]}.png" for image in rows["image"]]}
    descriptions = {"original_name": "File name of the source picture"}
    if pictures:
        names["decoded_name"] = [_decoded_name(images, row) for row in rows.itertuples()]
        descriptions["decoded_name"] = "File name of the decoded picture"
    columns = names | columns
    descriptions |= {field: FIELDS[field][1] for field in columns if field in FIELDS}
    first = rows.iloc[0]
    constants = {
        "name": f"{run.name} {variant}",
        "codec": variant,
        "version": str(first["codec_version"]),
        "time": str(run.manifest.get("created", "")),
        "source_data_set": str(run.manifest.get("dataset", {}).get("title") or first["dataset"]),
    }
    if pictures:
        constants |= {"original_path": "original/${original_name}", "decoded_path": stem + "/${decoded_name}"}
    values = [list(row) for row in zip(*columns.values(), strict=True)]
    return {
        "constant_descriptions": [{name: CONSTANTS[name]} for name in constants],
        "constant_values": [_literal(name, value) for name, value in constants.items()],
        "field_descriptions": [{name: descriptions[name]} for name in columns],
        "field_values": [row for row in values if None not in row],
    }


def _literal(name: str, value: str) -> str:
    """A constant's text; ``${`` is special in the format, and ours only in paths."""
    return value if name.endswith("_path") else value.replace("${", "$ {")


def _columns(run: Results, rows: pd.DataFrame) -> dict[str, list[Any]]:
    """The fields that any row has a value of, as lists of plain numbers."""
    from benchcomp.analysis import to_decibels

    columns: dict[str, list[Any]] = {}
    for field, (column, _) in FIELDS.items():
        if column not in rows:
            continue
        values = rows[column].astype(float).to_numpy()
        info = run.metrics.get(column)
        if info is not None and info.decibels:
            values = to_decibels(values)
        cells = [cell(value) for value in values.tolist()]
        if any(value is not None for value in cells):
            whole = field in WHOLE
            columns[field] = [int(value) if whole and value is not None else value for value in cells]
    return columns


def _quality(value: Any) -> float | None:
    plain = cell(value)
    return None if plain is None else float(plain)


def _decoded_name(images: dict[str, str], row: Any) -> str:
    quality = _quality(row.quality)
    return f"{images[row.image]}.png" if quality is None else f"{images[row.image]}@{quality:g}.png"


def _write_sources(run: Results, images: dict[str, str], folder: Path) -> None:
    assert run.pictures is not None
    for image, name in images.items():
        write_bytes(folder / f"{name}.png", _png(run.pictures.source(image)))


def _write_decoded(run: Results, rows: pd.DataFrame, images: dict[str, str], folder: Path) -> None:
    assert run.pictures is not None
    for row in rows.itertuples():
        quality = _quality(row.quality)
        picture = run.pictures.reconstruction(str(row.image), str(row.codec), str(row.options), quality)
        write_bytes(folder / _decoded_name(images, row), _png(picture))


def _png(pixels: Pixels) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=3)
    return stream.getvalue()
