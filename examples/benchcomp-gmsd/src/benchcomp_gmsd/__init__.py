"""GMSD as a benchcomp plugin."""

from benchcomp import Entry, hookimpl


@hookimpl
def benchcomp_metrics() -> list[Entry]:
    """Register the metric; its module is imported when it is first used."""
    return [Entry("gmsd_y", "gradient magnitude similarity deviation of luma", "benchcomp_gmsd.metric:Gmsd")]
