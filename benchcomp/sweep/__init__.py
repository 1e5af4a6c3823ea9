"""The sweep: from an experiment to the points in a store.

:mod:`plan` says what to evaluate, :mod:`search` finds the quality for a rate, :mod:`evaluate` measures
one image with one codec, :mod:`isolate` does that in a process that may hang or die, and
:mod:`execute` spreads the tasks over processes and writes what comes back.
"""
