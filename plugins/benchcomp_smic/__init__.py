"""SMIC: semantic map based image compression via a conditional GAN (Wei et al.), as a codec plugin."""

from benchcomp import Entry, hookimpl


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    """Register the codec ``smic``."""
    return [
        Entry(
            "smic",
            "SMIC, a learned codec: semantic map, thumbnail, conditional GAN",
            "benchcomp_smic.codec:SmicCodec",
        )
    ]


@hookimpl
def benchcomp_commands() -> list[Entry]:
    """Register the command group ``smic``."""
    return [Entry("smic", "Train and inspect the SMIC codec", "benchcomp_smic.command:app")]
