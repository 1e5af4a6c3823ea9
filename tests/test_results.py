import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchcomp.results import _medians

readings = st.lists(st.floats(0, 1e6), max_size=3)


@given(
    st.lists(st.none() | readings, max_size=20)
    | st.lists(st.lists(st.floats(0, 1e6), min_size=1, max_size=1))
)
def test_repeated_and_single_readings_give_their_medians(lists):
    medians, counts = _medians([None if values is None else json.dumps(values) for values in lists])
    expected = [np.median(values) if values else np.nan for values in lists]
    np.testing.assert_array_equal(medians, np.array(expected, dtype=float))
    assert counts.tolist() == [len(values or ()) for values in lists]


@pytest.mark.parametrize("text", ["[1][2]", "[1", "1]", "[[1]]", "1", '["a"]'])
def test_what_is_no_list_of_numbers_is_refused(text):
    for others in ([], ["[1.5]"], ["[1.5]", "3"]):
        with pytest.raises((ValueError, TypeError)):
            _medians([*others, text])
