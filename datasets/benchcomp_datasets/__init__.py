"""The first-party data sets: CMP Facades, its drawn sample, Kodak, and any folder."""

from benchcomp import Entry, hookimpl


@hookimpl
def benchcomp_datasets() -> list[Entry]:
    """Register the data sets."""
    return [
        Entry(
            "facades-sample",
            "12 drawn façades with label maps, no download",
            "benchcomp_datasets.sample:FacadesSample",
        ),
        Entry(
            "facades", "CMP Facades as pix2pix has it: train, val, test", "benchcomp_datasets.facades:Facades"
        ),
        Entry("kodak", "Kodak's 24 photographs", "benchcomp_datasets.kodak:Kodak"),
        Entry("folder", "the images of any folder: folder:PATH", "benchcomp_datasets.folder:Folder"),
    ]
