"""The checks of a data set, one function a promise of the contract, as in :mod:`benchcomp.testing.codecs`."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from benchcomp import pixels as px
from benchcomp.dataset import Dataset
from benchcomp.errors import BenchcompError
from benchcomp.testing.subject import Failure, NotMade, Subject, fail_if_slow_to_import, message

__all__ = ["CHECKS"]

_LISTED = 10_000
"""How many ids are looked at; a data set may be endless as far as a check is concerned."""


def is_well_formed(subject: Subject) -> None:
    """Name, title, licence and splits are as the contract says."""
    dataset = subject.make()
    if not isinstance(dataset, Dataset):
        raise Failure(f"the entry names {type(dataset).__name__}, which is no subclass of benchcomp.Dataset")
    for attribute in ("name", "title", "licence"):
        if not getattr(dataset, attribute, ""):
            raise Failure(f"the class has no {attribute}")
    if dataset.name != subject.text.partition(":")[0]:
        raise Failure(f"the entry calls it {subject.text!r}, but its class calls it {dataset.name!r}")
    for split in dataset.splits:
        subject.call(f"making {dataset.name}:{split}", type(dataset), split)


def is_quick_to_import(subject: Subject) -> None:
    """Importing the plugin is quick: heavy libraries are imported inside the methods that need them."""
    fail_if_slow_to_import(subject, type(subject.make()).__module__)


def lists_its_images(subject: Subject) -> None:
    """The same ids come in the same order every time, no id twice."""
    images = _images(subject, subject.make())
    if not images:
        raise Failure("there are no images; images() raises BenchcompError and says how to get them")
    for image in images:
        if not isinstance(image, str) or not image:
            raise Failure(f"an image's id is {image!r}, not a text")
    if len(set(images)) < len(images):
        raise Failure(f"an id comes twice: {next(i for i in images if images.count(i) > 1)!r}")
    if _images(subject, subject.make()) != images:
        raise Failure("images() gives other ids, or another order, the second time")


def loads_its_images(subject: Subject) -> None:
    """Images load as uint8 RGB, the same samples every time, from any copy of the data set."""
    dataset = subject.make()
    copy = subject.call("pickling the data set", lambda d: pickle.loads(pickle.dumps(d)), dataset)
    for image in _images(subject, dataset)[:3]:
        try:
            pixels = px.check(subject.call(f"loading {image}", dataset.load, image), f"image {image!r}")
        except BenchcompError as error:
            raise Failure(str(error)) from None
        if not np.array_equal(subject.call(f"loading {image} again", copy.load, image), pixels):
            raise Failure(f"image {image!r} loads with other samples from a pickled copy of the data set")
        labels = subject.call(f"loading the labels of {image}", dataset.labels, image)
        if labels is not None and px.check(labels, "label map").shape != pixels.shape:
            raise Failure(f"the label map of {image!r} has shape {labels.shape}, the image {pixels.shape}")


def refuses_what_it_has_not(subject: Subject) -> None:
    """An image that isn't there raises BenchcompError, with a message of one line."""
    dataset = subject.make()
    if not _images(subject, dataset):
        raise NotMade("there are no images")
    subject.announce("loading an image that isn't there")
    try:
        dataset.load("no-such-image.nowhere")
    except BenchcompError as error:
        if "\n" in str(error):
            raise Failure(f"the message for an image that isn't there has several lines: {error}") from None
    except Exception as error:
        raise Failure(f"an image that isn't there raises {message(error)}, not BenchcompError") from None
    else:
        raise Failure("an image that isn't there loads without an error")


def _images(subject: Subject, dataset: Dataset) -> list[Any]:
    return list(subject.call("listing the images", lambda: list(itertools.islice(dataset.images(), _LISTED))))


CHECKS: tuple[Callable[[Subject], None], ...] = (
    is_well_formed,
    is_quick_to_import,
    lists_its_images,
    loads_its_images,
    refuses_what_it_has_not,
)
