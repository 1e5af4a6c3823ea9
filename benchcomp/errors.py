"""The one exception type whose message is meant for the user.

Whatever raises a :class:`BenchcompError` promises a message of one line that names the thing and the
remedy. The command line prints it and exits with 2; everything else is a bug and keeps its traceback.
"""

from __future__ import annotations

__all__ = ["BenchcompError", "Unavailable"]


class BenchcompError(Exception):
    """Wrong use, bad input or a missing part; the message is one line for the user."""


class Unavailable(BenchcompError):
    """Something that is known but can't be used on this machine; a run goes on without it."""
