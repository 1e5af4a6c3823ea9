"""``python -m benchcomp`` is ``benchcomp``."""

from benchcomp.cli import main

main()
