from __future__ import annotations

import subprocess
import sys
import types

import pytest

from benchcomp import BenchcompError, Entry, hookimpl
from benchcomp.errors import Unavailable
from benchcomp.registry import Registry, default


def plugin(**hooks: object) -> types.SimpleNamespace:
    return types.SimpleNamespace(
        **{name: hookimpl(lambda value=value: value) for name, value in hooks.items()}
    )


def test_every_first_party_plugin_loads_and_is_named_once() -> None:
    registry = default()
    assert not registry.broken
    names = [(listing.kind, listing.name) for listing in registry.list()]
    assert len(names) == len(set(names))
    assert {"jpeg", "jp2k", "bpg", "flif", "smic"} <= set(registry.names("codec"))


def test_unknown_name_asks_did_you_mean() -> None:
    with pytest.raises(BenchcompError, match=r"no codec is called 'jpge'; did you mean 'jpeg'\?"):
        default().codec("jpge")
    with pytest.raises(BenchcompError, match="no metric is called 'x'"):
        default().metric("x")


def test_bad_options_name_what_is_accepted() -> None:
    with pytest.raises(BenchcompError, match="subsampling is one of 420, 422, 444, not '999'"):
        default().codec("jpeg:subsampling=999")
    with pytest.raises(BenchcompError, match=r"codec 'jpeg' has no option 'subsampel'; did you mean"):
        default().codec("jpeg:subsampel=444")
    with pytest.raises(BenchcompError, match="not of the form option=value"):
        default().codec("jpeg:444")


def test_a_plugin_that_cannot_be_used_stops_nobody() -> None:
    registry = Registry()
    registry.add(plugin(benchcomp_codecs=[Entry("good", "", "json:JSONDecoder")]), "one")
    registry.add(plugin(benchcomp_codecs=[Entry("good", "", "json:JSONDecoder")]), "copycat")
    registry.add(plugin(benchcomp_codecs=[Entry("gone", "", "no_such_module:X", "pip install gone")]), "two")
    registry.add(plugin(benchcomp_codex=[]), "misspelt")
    registry.add(plugin(benchcomp_codecs=42), "malformed")
    assert registry.names("codec") == ["good", "gone"]
    assert set(registry.broken) == {"copycat.good", "misspelt", "malformed"}
    assert "benchcomp_codex" in registry.broken["misspelt"]
    problems = {listing.name: listing.problem for listing in registry.list(["codec"])}
    assert problems["good"] == ""
    assert problems["gone"].endswith("pip install gone")
    with pytest.raises(BenchcompError, match="codec 'gone' is unavailable: ModuleNotFoundError"):
        registry.codec("gone")


def test_a_pattern_stands_for_what_matches_and_is_nobodys_name() -> None:
    registry = Registry()
    registry.add(plugin(benchcomp_codecs=[Entry("*.file", "any file", "os.path:basename")]), "patterns")
    registry.add(plugin(benchcomp_codecs=[Entry("own.file", "", "json:JSONDecoder")]), "one")
    registry.add(plugin(benchcomp_codecs=[Entry("*.gone", "", "no_such_module:make")]), "two")
    assert registry.has("codec", "any.file")
    assert not registry.has("codec", "any.fil")
    assert registry.load("codec", "folder/any.file") == "any.file"
    assert registry.load("codec", "own.file").__name__ == "JSONDecoder"
    problems = {listing.name: listing.problem for listing in registry.list(["codec"])}
    assert (problems["*.file"], problems["own.file"]) == ("", "")
    assert "no_such_module" in problems["*.gone"]
    with pytest.raises(Unavailable, match=r"codec 'my\.gone' is unavailable"):
        registry.load("codec", "my.gone")
    with pytest.raises(BenchcompError, match=r"codec file \*\.toml: No such file"):
        default().codec("*.toml")


def test_a_broken_development_plugin_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHCOMP_PLUGINS", "no_such_plugin")
    registry = Registry.installed()
    assert "No module named 'no_such_plugin'" in registry.broken["no_such_plugin"]
    assert "jpeg" in registry.names("codec")


def test_finding_plugins_imports_no_numpy() -> None:
    script = "import sys; from benchcomp.registry import default; default(); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_listing_plugins_imports_nothing_heavy() -> None:
    script = (
        "import sys; from benchcomp.registry import default; default().list(['codec', 'metric', 'dataset']);"
        "print([name for name in ('torch', 'av', 'skimage', 'pandas', 'lpips', 'dask') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_entry_points_are_typed_and_documented() -> None:
    from benchcomp import hookspecs

    for name in [name for name in hookspecs.__all__ if name.startswith("benchcomp_")]:
        hook = getattr(hookspecs, name)
        assert hook.__doc__
        assert hook.__annotations__["return"] == "Sequence[Entry]"
