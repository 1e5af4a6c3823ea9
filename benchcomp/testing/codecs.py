"""The checks of a codec: what the contract promises, one function a promise.

Each function's first line is the promise as users read it; it raises :class:`Failure` with a sentence
that says what went wrong and with which picture. :mod:`benchcomp.testing` runs them in a process of
their own, where they may crash and hang.
"""

from __future__ import annotations

import itertools
import pickle
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from benchcomp import pixels as px
from benchcomp import variants
from benchcomp.codec import BitstreamError, Codec
from benchcomp.errors import BenchcompError
from benchcomp.pixels import Pixels
from benchcomp.testing import elsewhere
from benchcomp.testing.pictures import CONTENTS, SIZES, Picture, draw
from benchcomp.testing.subject import CodecSubject, Failure, NotMade, fail_if_slow_to_import, message, values

__all__ = ["CHECKS"]

SMALL = 32
"""Pictures with a side shorter than this may be refused, with a BenchcompError that says so."""


def is_well_formed(subject: CodecSubject) -> None:
    """Name, options and knob are as the contract says."""
    codec = subject.codec()
    if not isinstance(codec, Codec):
        raise Failure(f"the entry names {type(codec).__name__}, which is no subclass of benchcomp.Codec")
    name = variants.parse(subject.text)[0]
    if codec.name != name:
        raise Failure(f"the entry calls the codec {name!r}, but its class attribute name is {codec.name!r}")
    if not codec.name or re.search(r"[:,]|^\s|\s$", codec.name):
        raise Failure(
            f"the name {codec.name!r} can't be typed in a list: it has a colon, a comma or blank ends"
        )
    subject.call("making the default options", type(codec).Options)
    text = variants.label(codec.name, variants.format_options(codec.options))
    if subject.registry.codec(text).options != codec.options:
        raise Failure(f"the options {codec.options} don't survive being written as {text!r} and read again")
    _knob(codec)


def _knob(codec: Codec) -> None:
    knob = codec.knob
    if knob is None:
        return
    if not knob.low < knob.high:
        raise Failure(f"the knob's low, {knob.low:g}, isn't below its high, {knob.high:g}")
    if not knob.ladder:
        raise Failure("the knob's default ladder is empty")
    for value in knob.ladder:
        try:
            knob.check(value)
        except Exception as error:
            raise Failure(f"the default ladder leaves the knob's domain: {error}") from None
    if len(set(knob.ladder)) < len(knob.ladder):
        raise Failure(f"the default ladder has a value twice: {knob.ladder}")


def is_quick_to_import(subject: CodecSubject) -> None:
    """Importing the plugin is quick: heavy libraries are imported inside the methods that need them."""
    fail_if_slow_to_import(subject, type(subject.codec()).__module__)


def round_trips(subject: CodecSubject) -> None:
    """Pictures of every size and content come back in their size; tiny ones may be refused."""
    pictures = [draw(content, *size) for size in SIZES for content in ("photo", "noise")]
    pictures += [draw(content, 64, 40) for content in CONTENTS]
    for picture, quality in itertools.product(pictures, values(subject.codec(), 2)):
        _round_trip(subject, picture, quality)


def _round_trip(subject: CodecSubject, picture: Picture, quality: float | None) -> Pixels | None:
    """Encode and decode; ``None`` where a small picture is refused in so many words (BenchcompError)."""
    try:
        bitstream = subject.encode(picture, quality)
    except Failure as failure:
        if isinstance(failure.__cause__, BenchcompError) and min(picture.pixels.shape[:2]) < SMALL:
            return None
        raise
    return subject.decode(bitstream, picture, quality)


def shows_the_picture(subject: CodecSubject) -> None:
    """What comes back is the picture: not mirrored, not turned, its channels not swapped."""
    picture = draw("photo", 64, 64)
    quality = values(subject.codec(), 2)[-1]
    decoded = subject.decode(subject.encode(picture, quality), picture, quality)
    lookalikes: dict[str, Pixels] = {
        "upside down": picture.pixels[::-1],
        "mirrored": picture.pixels[:, ::-1],
        "turned by 90 degrees": np.rot90(picture.pixels),
        "with rows and columns swapped": picture.pixels.swapaxes(0, 1),
        "with red and blue swapped": picture.pixels[..., ::-1],
        "with red and green swapped": picture.pixels[..., [1, 0, 2]],
        "with green and blue swapped": picture.pixels[..., [0, 2, 1]],
    }
    likeness = {what: _mse(decoded, other) for what, other in lookalikes.items()}
    closest = min(likeness, key=lambda what: likeness[what])
    if likeness[closest] < _mse(decoded, picture.pixels):
        raise Failure(f"at its best quality, {picture.name} comes back {closest}")


def ladder_rises(subject: CodecSubject) -> None:
    """Along the default ladder the rate rises, and its end is closer to the picture than its start."""
    codec = subject.codec()
    if codec.knob is None:
        raise NotMade("the codec has a single rate point")
    pictures = [draw("photo", 128, 96), draw("photo", 96, 130), draw("noise", 64, 64)]
    sizes, errors = [], []
    for quality in codec.knob.ladder:
        streams = [subject.encode(picture, quality) for picture in pictures]
        sizes.append(sum(map(len, streams)))
        if quality in (codec.knob.ladder[0], codec.knob.ladder[-1]):
            decoded = [subject.decode(s, p, quality) for s, p in zip(streams, pictures, strict=True)]
            errors.append(sum(_mse(d, p.pixels) for d, p in zip(decoded, pictures, strict=True)))
    for (low, fewer), (high, more) in itertools.pairwise(zip(codec.knob.ladder, sizes, strict=True)):
        if more < fewer:
            raise Failure(
                f"on the same pictures, {codec.knob.name} {high:g} gives {more} bytes, fewer than the "
                f"{fewer} at {low:g}; a ladder is in order of rising rate"
            )
    if len(sizes) > 1 and sizes[-1] == sizes[0]:
        raise Failure(f"{codec.knob.name} has no influence on the rate: always {sizes[0]} bytes")
    if len(errors) > 1 and errors[-1] > errors[0]:
        raise Failure(
            f"the ladder's most expensive point is further from the pictures (mean squared error "
            f"{errors[-1] / 3:.1f}) than its cheapest ({errors[0] / 3:.1f})"
        )


def lossless_is_lossless(subject: CodecSubject) -> None:
    """A codec that calls itself lossless gives back every sample."""
    if not subject.codec().lossless:
        raise NotMade("the codec doesn't call itself lossless")
    pictures = [draw(content, *size) for size in SIZES for content in CONTENTS]
    for picture, quality in itertools.product(pictures, values(subject.codec(), 2)):
        decoded = _round_trip(subject, picture, quality)
        wrong = 0 if decoded is None else int((decoded != picture.pixels).any(axis=2).sum())
        if wrong:
            raise Failure(
                f"the codec calls itself lossless, but {wrong} pixels of {picture.name} come back changed"
            )


def honours_its_domain(subject: CodecSubject) -> None:
    """The knob works in the whole domain that it declares, both ends included."""
    knob = subject.codec().knob
    if knob is None:
        raise NotMade("the codec has no quality knob")
    inside = np.linspace(knob.low, knob.high, 9)
    for value in dict.fromkeys(float(np.rint(v)) if knob.integer else float(v) for v in inside):
        picture = draw("photo", 40, 32)
        subject.decode(subject.encode(picture, value), picture, value)


def is_deterministic(subject: CodecSubject) -> None:
    """The same picture gives the same bytes, and the same bytes the same pixels, whatever came before."""
    first, other = subject.codec(), subject.make()
    picture, between = draw("photo", 64, 48), draw("noise", 33, 50)
    for quality in values(first, 2):
        bitstream = subject.encode(picture, quality)
        pixels = subject.decode(bitstream, picture, quality)
        subject.decode(subject.encode(between, quality), between, quality)
        for codec, who in ((first, "the same codec object"), (other, "another codec object")):
            if subject.encode(picture, quality, codec) != bitstream:
                raise Failure(f"encoding {picture.name} again with {who} gave other bytes")
            if not np.array_equal(subject.decode(bitstream, picture, quality, codec), pixels):
                raise Failure(f"decoding the same bytes again with {who} gave other pixels")


def bytes_are_enough(subject: CodecSubject) -> None:
    """The bytes alone are enough: a fresh process decodes them to the same pixels."""
    *_, pixels = _sample(subject)
    for answer in _answers(subject):
        decoded = answer.decoded
        if isinstance(decoded, str):
            raise Failure(f"a fresh process can't decode the bytes: {decoded}")
        if decoded.shape != pixels.shape or not np.array_equal(decoded, pixels):
            raise Failure("a fresh process decodes the same bytes to other pixels")


def is_the_same_in_every_process(subject: CodecSubject) -> None:
    """Two processes at once encode the same picture to the same bytes, and tell the same version."""
    *_, bitstream, _ = _sample(subject)
    version = subject.codec().version()
    for answer in _answers(subject):
        if isinstance(answer.encoded, str):
            raise Failure(f"encoding fails where two processes do it at once: {answer.encoded}")
        if answer.encoded != bitstream:
            raise Failure("another process encodes the same picture to other bytes")
        if answer.version != version:
            raise Failure(f"version() says {version!r} here and {answer.version!r} in another process")


def is_thread_safe(subject: CodecSubject) -> None:
    """Four threads with a codec object each get what one alone gets."""
    picture, quality, bitstream, pixels = _sample(subject)
    codecs = [subject.make() for _ in range(4)]

    def work(codec: Codec) -> str:
        for _ in range(3):
            if codec.encode(picture.pixels, quality) != bitstream:
                return "encoding gave other bytes"
            if not np.array_equal(codec.decode(bitstream), pixels):
                return "decoding gave other pixels"
        return ""

    with ThreadPoolExecutor(len(codecs)) as pool:
        problems = subject.call(
            f"coding {picture.name} in four threads at once", lambda: list(pool.map(work, codecs))
        )
    for problem in filter(None, problems):
        raise Failure(f"with four threads at work, each on a codec object of its own, {problem}")


def can_be_pickled(subject: CodecSubject) -> None:
    """A codec object can be pickled, and its copy gives the same bytes."""
    picture, quality, bitstream, _ = _sample(subject)
    copy = subject.call("pickling the codec", lambda codec: pickle.loads(pickle.dumps(codec)), subject.make())
    if subject.encode(picture, quality, copy) != bitstream:
        raise Failure("a pickled and restored codec encodes to other bytes")


def refuses_damaged_bytes(subject: CodecSubject) -> None:
    """Bytes that are no bitstream, or a damaged one, raise BitstreamError or give some picture."""
    codec = subject.codec()
    *_, bitstream, _ = _sample(subject)
    for what, damaged in _damages(bitstream):
        subject.announce(f"decoding {what}")
        try:
            decoded = codec.decode(damaged)
        except (BitstreamError, MemoryError):
            continue
        except Exception as error:
            raise Failure(
                f"decoding {what} raised {message(error)}; a decoder raises benchcomp.BitstreamError"
            ) from error
        try:
            px.check(decoded, f"decoding {what} gave no picture: it")
        except Exception as error:
            raise Failure(str(error)) from None


def _damages(bitstream: bytes) -> list[tuple[str, bytes]]:
    rng = np.random.default_rng(1)
    size = len(bitstream)
    damages = [
        ("no bytes at all", b""),
        ("a single zero byte", b"\0"),
        ("64 zero bytes", bytes(64)),
        ("300 random bytes", rng.bytes(300)),
        ("English text", b"This is not a bitstream of any image codec whatever. " * 4),
        ("a bitstream with 16 bytes too many", bitstream + bytes(range(16))),
    ]
    for cut in sorted({1, size // 8, size // 4, size // 2, 3 * size // 4, size - 1}):
        if 0 < cut < size:
            damages.append((f"the first {cut} of a bitstream's {size} bytes", bitstream[:cut]))
    # The header is where a flipped bit does the most harm.
    positions = [*range(min(size, 16)), *map(int, rng.integers(0, size, 16))] if size else []
    for position in positions:
        bit = int(rng.integers(8))
        flipped = bytearray(bitstream)
        flipped[position] ^= 1 << bit
        damages.append((f"a bitstream with bit {bit} of byte {position} flipped", bytes(flipped)))
    return damages


def has_a_version(subject: CodecSubject) -> None:
    """version() names what does the work, in one line, so that rows of different versions never mix."""
    version = subject.call("asking for the version", subject.codec().version)
    if not isinstance(version, str) or not version.strip() or len(version.splitlines()) > 1:
        raise Failure(f"version() is {version!r}, not one line of text")
    if version == "unversioned":
        raise Failure("version() isn't overridden; name the library that does the work, with its version")


def leaves_nothing_behind(subject: CodecSubject) -> None:
    """Coding leaves no files in the working folder or the temporary folder."""
    picture, quality, *_ = _sample(subject)
    with elsewhere.watched_folder() as folder:
        subject.decode(subject.encode(picture, quality), picture, quality)
        left = sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*"))
    if left:
        raise Failure(f"coding one picture left files behind: {', '.join(left[:3])}")


def _sample(subject: CodecSubject) -> tuple[Picture, float | None, bytes, Pixels]:
    """A picture with its bitstream and reconstruction at the ladder's end, made once."""
    if "sample" not in subject.kept:
        picture, quality = draw("photo", 64, 48), values(subject.codec(), 2)[-1]
        bitstream = subject.encode(picture, quality)
        subject.kept["sample"] = (picture, quality, bitstream, subject.decode(bitstream, picture, quality))
    sample: tuple[Picture, float | None, bytes, Pixels] = subject.kept["sample"]
    return sample


def _answers(subject: CodecSubject) -> list[elsewhere.Answer]:
    """What two fresh processes make of the sample, asked once for all checks that need it."""
    if "answers" not in subject.kept:
        picture, quality, bitstream, _ = _sample(subject)
        question = elsewhere.Question(subject.text, picture.pixels, quality, bitstream)
        subject.kept["answers"] = subject.call(
            "coding in two fresh processes at once", elsewhere.ask_two, question
        )
    answers: list[elsewhere.Answer] = subject.kept["answers"]
    return answers


def _mse(one: Pixels, other: Pixels) -> float:
    return float(np.mean((one.astype(np.float64) - other) ** 2))


CHECKS: tuple[Callable[[CodecSubject], None], ...] = (
    is_well_formed,
    has_a_version,
    is_quick_to_import,
    round_trips,
    shows_the_picture,
    ladder_rises,
    honours_its_domain,
    lossless_is_lossless,
    is_deterministic,
    bytes_are_enough,
    is_the_same_in_every_process,
    is_thread_safe,
    can_be_pickled,
    refuses_damaged_bytes,
    leaves_nothing_behind,
)
