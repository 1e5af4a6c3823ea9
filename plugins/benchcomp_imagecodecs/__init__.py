"""The formats that imagecodecs' wheel carries, as codec plugins."""

from benchcomp import Entry, hookimpl


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    """Register the codecs of this plugin."""
    return []
