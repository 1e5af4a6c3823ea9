import os
from pathlib import Path

import pytest


@pytest.fixture
def shared():
    """The folder with fixtures and weights beside the data sets."""
    data = os.environ.get("BENCHCOMP_DATA")
    if not data:
        pytest.skip("BENCHCOMP_DATA is not set")
    return Path(data).resolve().parent
