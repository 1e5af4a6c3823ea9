"""Finds plugins and looks names up.

A :class:`Registry` gathers the entries that plugins bring, without importing what they name; an entry
is imported when it is first asked for. A plugin that can't be imported is remembered with the reason
and stops nobody. :func:`default` is the registry of the installed plugins; tests make their own.
"""

from __future__ import annotations

import fnmatch
import functools
import importlib
import importlib.metadata
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pluggy

from benchcomp import hookspecs, variants
from benchcomp.errors import BenchcompError, Unavailable
from benchcomp.hookspecs import Entry

if TYPE_CHECKING:
    from benchcomp.codec import Codec
    from benchcomp.dataset import Dataset
    from benchcomp.metric import Metric
    from benchcomp.report import Report

__all__ = ["KINDS", "Kind", "Listing", "Registry", "default"]

GROUP = "benchcomp"

Kind = Literal["codec", "metric", "dataset", "report", "importer", "check", "command"]
KINDS: tuple[Kind, ...] = ("codec", "metric", "dataset", "report", "importer", "check", "command")


@dataclass(frozen=True, slots=True)
class Listing:
    """One thing that can be looked up, as lists show it.

    ``plugin`` names the entry point that brought it, ``distribution`` the installed package with its
    version; ``problem`` says why it can't be used, empty when it can.
    """

    kind: Kind
    name: str
    summary: str
    plugin: str
    distribution: str
    problem: str = ""


@dataclass
class _Source:
    entry: Entry
    plugin: str
    distribution: str


@dataclass
class Registry:
    """The things that a set of plugins brings, by kind and name."""

    broken: dict[str, str] = field(default_factory=dict)
    """Entry points that couldn't be loaded, with the reason."""
    _sources: dict[Kind, dict[str, _Source]] = field(
        default_factory=lambda: {kind: {} for kind in KINDS}, repr=False
    )

    @classmethod
    def installed(cls) -> Registry:
        """Gather the plugins of all installed distributions (entry points in group ``benchcomp``).

        Modules named in the environment variable ``BENCHCOMP_PLUGINS`` (comma-separated) come first, so
        that a plugin under development needn't be installed.
        """
        registry = cls()
        for module in filter(None, os.environ.get("BENCHCOMP_PLUGINS", "").split(",")):
            try:
                registry.add(importlib.import_module(module), module)
            except Exception as error:
                registry.broken[module] = f"{type(error).__name__}: {error}"
        seen: set[tuple[str, str]] = set()
        for point in importlib.metadata.entry_points(group=GROUP):
            if (point.name, point.value) in seen:
                continue
            seen.add((point.name, point.value))
            distribution = f"{point.dist.name} {point.dist.version}" if point.dist else ""
            try:
                plugin = point.load()
            except Exception as error:
                registry.broken[point.name] = f"{type(error).__name__}: {error}"
                continue
            registry.add(plugin, point.name, distribution)
        return registry

    def add(self, plugin: object, name: str, distribution: str = "") -> None:
        """Add one plugin (a module or object with hook implementations).

        A plugin that names a hook that doesn't exist, a name already taken, or isn't well-formed is
        put among :attr:`broken` with the reason.
        """
        manager = pluggy.PluginManager(GROUP)
        manager.add_hookspecs(hookspecs)
        try:
            manager.register(plugin, name)
            manager.check_pending()
            found = {kind: self._call(manager, kind) for kind in KINDS}
        except Exception as error:
            self.broken[name] = f"{type(error).__name__}: {error}"
            return
        for kind, entries in found.items():
            for entry in entries:
                taken = self._sources[kind].get(entry.name)
                if taken is not None:
                    self.broken[f"{name}.{entry.name}"] = (
                        f"the {kind} name {entry.name!r} is already taken by plugin {taken.plugin!r}"
                    )
                    continue
                self._sources[kind][entry.name] = _Source(entry, name, distribution)

    @staticmethod
    def _call(manager: pluggy.PluginManager, kind: Kind) -> list[Entry]:
        entries: list[Entry] = []
        for result in getattr(manager.hook, f"{GROUP}_{kind}s")():
            entries.extend(result)
        return entries

    def names(self, kind: Kind) -> list[str]:
        """The names of one kind, in the order in which the plugins brought them."""
        return list(self._sources[kind])

    def has(self, kind: Kind, name: str) -> bool:
        """Whether something is called ``name``, or matches an entry's pattern, available or not."""
        return self._find(kind, name) is not None

    def _find(self, kind: Kind, name: str) -> _Source | None:
        sources = self._sources[kind]
        patterns = (pattern for pattern in sources if "*" in pattern and fnmatch.fnmatchcase(name, pattern))
        return sources.get(name) or sources.get(next(patterns, ""))

    def load(self, kind: Kind, name: str) -> Any:
        """Import and return what an entry names.

        Raises:
            Unavailable: it can't be imported; says what to do.
            BenchcompError: nothing of that name, or it matches a pattern but stands for nothing.
        """
        source = self._find(kind, name)
        if source is None:
            where = next((plugin for plugin in self.broken if plugin == name), None)
            if where is not None:
                raise Unavailable(f"{kind} {name!r} is unavailable: {self.broken[where]}")
            raise BenchcompError(
                f"no {kind} is called {name!r}{variants.did_you_mean(name, self.names(kind))}"
            )
        thing = self._import(kind, name, source)
        return thing(name) if "*" in source.entry.name else thing

    @staticmethod
    def _import(kind: Kind, name: str, source: _Source) -> Any:
        module, _, attribute = source.entry.load.partition(":")
        try:
            return getattr(importlib.import_module(module), attribute)
        except Exception as error:
            hint = f"; {source.entry.hint}" if source.entry.hint else ""
            raise Unavailable(
                f"{kind} {name!r} is unavailable: {type(error).__name__}: {error}{hint}"
            ) from error

    def available(self, kind: Kind, name: str) -> Any:
        """Import an entry and make sure that it can be used on this machine.

        Raises:
            Unavailable: it can't be used; says why.
            BenchcompError: unknown.
        """
        thing = self.load(kind, name)
        problem = thing.unavailable() if hasattr(thing, "unavailable") else None
        if problem:
            raise Unavailable(f"{kind} {name!r} is unavailable: {problem}")
        return thing

    def codec(self, text: str, options: Mapping[str, Any] | None = None) -> Codec:
        """Make a codec variant from ``name`` or ``name:option=value``, with further options given.

        Raises:
            Unavailable: the codec can't be used on this machine.
            BenchcompError: unknown codec, unknown option, bad value.
        """
        name, values = variants.parse(text)
        kind = self.available("codec", name)
        merged = {**values, **(options or {})}
        codec: Codec = kind(variants.make_options(kind.Options, merged, f"codec {name!r}"))
        return codec

    def metric(self, name: str) -> Metric:
        """Make a metric by name."""
        metric: Metric = self.available("metric", name)()
        return metric

    def dataset(self, text: str) -> Dataset:
        """Make a data set from ``name`` or ``name:argument``."""
        name, _, argument = text.partition(":")
        dataset: Dataset = self.available("dataset", name)(argument)
        return dataset

    def report(self, name: str) -> Report:
        """Make a report by name."""
        report: Report = self.available("report", name)()
        return report

    def list(self, kinds: Iterable[Kind] = KINDS) -> list[Listing]:
        """Everything there is, with the reason where it can't be used; imports what it lists."""
        listings = []
        for kind in kinds:
            for name, source in self._sources[kind].items():
                try:
                    if "*" in name:
                        self._import(kind, name, source)
                    else:
                        self.available(kind, name)
                    problem = ""
                except BenchcompError as error:
                    problem = str(error).partition(" is unavailable: ")[2] or str(error)
                listings.append(
                    Listing(kind, name, source.entry.summary, source.plugin, source.distribution, problem)
                )
        return listings


@functools.cache
def default() -> Registry:
    """The registry of the installed plugins, made on first use and then kept."""
    return Registry.installed()
