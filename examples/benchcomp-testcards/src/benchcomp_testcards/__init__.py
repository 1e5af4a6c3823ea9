"""Drawn test cards as a benchcomp plugin."""

from benchcomp import Entry, hookimpl


@hookimpl
def benchcomp_datasets() -> list[Entry]:
    """Register the data set; its module is imported when it is first used."""
    return [Entry("testcards", "drawn test cards: testcards[:SIZE]", "benchcomp_testcards.dataset:Cards")]
