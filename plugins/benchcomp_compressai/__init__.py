"""The image models of CompressAI's zoo, as codec plugins; needs the extra ``compressai``."""

from benchcomp import Entry, hookimpl
from benchcomp_compressai.zoo import MODELS


@hookimpl
def benchcomp_codecs() -> list[Entry]:
    """Register a codec a model, under the zoo's own names."""
    return [
        Entry(
            name,
            model.summary,
            f"benchcomp_compressai.codec:{model.class_name}Codec",
            "pip install benchcomp[compressai]",
        )
        for name, model in MODELS.items()
    ]
