"""Provenance: what a run's numbers depend on besides codecs and images.

Versions, processor, memory and thread settings as plain JSON-compatible data, stored in a run's
manifest and shown beside its times.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from pathlib import Path
from typing import Any

__all__ = ["THREAD_VARIABLES", "cpu_model", "describe", "thread_settings"]

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
"""Environment variables that the usual numerical libraries take their thread count from."""

_DISTRIBUTIONS = (
    "benchcomp",
    "av",
    "glymur",
    "imagecodecs",
    "lpips",
    "numpy",
    "pandas",
    "pillow",
    "scikit-image",
    "scipy",
    "torch",
    "torchvision",
)


def describe() -> dict[str, Any]:
    """Describe this machine and its Python.

    Keys: ``python``, ``platform``, ``cpu``, ``cores``, ``memory_bytes``, ``packages``.
    """
    import psutil

    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "packages": {name: version for name in _DISTRIBUTIONS if (version := _version(name))},
    }


def thread_settings(threads: int) -> dict[str, str]:
    """The environment variables that hold a process's numerical libraries to ``threads`` threads."""
    return dict.fromkeys(THREAD_VARIABLES, str(threads))


def cpu_model() -> str:
    """The processor's model name, as far as the system tells."""
    try:
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""
