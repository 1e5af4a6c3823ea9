"""Any program as a codec: described by a TOML file, named on the command line by that file's path."""

from benchcomp import Entry, hookimpl


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    """Register every name that ends in ``.toml``."""
    return [
        Entry(
            "*.toml",
            "any program, described by a TOML file: ./mycodec.toml",
            "benchcomp_command.codec:described_by",
        )
    ]
