"""Left against right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mien
from mien.errors import InputError
from mien.facs import asymmetry

values = st.floats(-1, 1)


def test_by_hand() -> None:
    table = mien.FaceTable(
        {
            "AU12": [0.4] * 5,
            "AU12_L": [0.6, 0.0, 0.5, 0.0, np.nan],
            "AU12_R": [0.2, 0.0, 0.0, 0.5, 0.5],
            "AU06_L": 0.1,
            "AU01_R": 0.1,
        },
        index=list("abcde"),
    )
    index = table.asymmetry()
    assert list(index.columns) == ["AU12"]
    assert list(index.index) == list("abcde")
    np.testing.assert_allclose(index["AU12"], [0.5, 0, 1, -1, np.nan])


def test_floor() -> None:
    table = pd.DataFrame({"AU12_L": [0.02, 0.6], "AU12_R": [0.06, 0.2]})
    np.testing.assert_allclose(asymmetry(table, floor=0.1)["AU12"], [0.0, 0.5])


@settings(deadline=None)
@given(st.lists(st.tuples(values, values), min_size=1))
def test_swapping_sides_negates(pairs: list[tuple[float, float]]) -> None:
    table = pd.DataFrame(pairs, columns=["AU12_L", "AU12_R"])
    swapped = table.set_axis(["AU12_R", "AU12_L"], axis=1)
    index = asymmetry(table)["AU12"]
    np.testing.assert_array_equal(asymmetry(swapped)["AU12"], -index)
    assert index.abs().max() <= 1


def test_no_sides() -> None:
    with pytest.raises(InputError, match="AU12_L"):
        asymmetry(pd.DataFrame({"AU12": [0.1]}))
