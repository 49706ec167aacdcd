"""Folds by person: nobody in two, each image held out once, the same again from the same seed."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pandas", reason="the readers' tables need pandas")
pytest.importorskip("sklearn", reason="folds are scikit-learn's")
hypothesis = pytest.importorskip("hypothesis", reason="properties need hypothesis")

from hypothesis import given, settings
from hypothesis import strategies as st

from models.training.datasets.readers.record import EXPRESSIONS, make_table
from models.training.datasets.splits import each_fold, group_codes, person_folds

rows = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d", "e", None]),
        st.sampled_from(["one", "two", None]),
        st.sampled_from([*EXPRESSIONS, None]),
    ),
    min_size=2,
    max_size=60,
)


def table_of(said):
    persons, sequences, expressions = zip(*said, strict=True)
    columns = {"person": persons, "sequence": sequences, "expression": expressions}
    return make_table("made", columns, len(said))


@settings(deadline=None, max_examples=60)
@given(rows, st.integers(2, 5), st.integers(0, 1000))
def test_nobody_is_in_two_folds(said, folds, seed):
    table = table_of(said)
    groups = group_codes(table)
    people = len(set(groups.tolist()))
    if people < folds:
        with pytest.raises(ValueError, match=f"wanted 2 to {people}"):
            person_folds(table, folds, seed)
        return
    fold = person_folds(table, folds, seed)
    np.testing.assert_array_equal(fold, person_folds(table, folds, seed))
    assert fold.min() >= 0
    named = {}
    for (person, sequence, _), number in zip(said, fold, strict=True):
        key = person if person is not None else (sequence,) if sequence is not None else None
        if key is not None:
            assert named.setdefault(key, number) == number
    for training, held_out in each_fold(fold):
        assert not set(groups[training]) & set(groups[held_out])
        assert len(training) + len(held_out) == len(table)


def test_folds_have_their_share_of_each_expression():
    random = np.random.default_rng(0)
    persons = np.repeat([f"p{n}" for n in range(100)], 10)
    classes = random.choice(EXPRESSIONS, 1000, p=(0.05, 0.05, 0.1, 0.3, 0.1, 0.1, 0.3))
    table = make_table("made", {"person": persons, "expression": classes}, 1000)
    fold = person_folds(table, 5, 0)
    assert np.abs(np.bincount(fold) - 200).max() <= 20
    for name in EXPRESSIONS:
        shares = np.bincount(fold[classes == name], minlength=5) / (classes == name).sum()
        assert np.abs(shares - 0.2).max() < 0.08, name
    assert (person_folds(table, 5, 1) != fold).any()


def test_rows_without_a_name_stand_alone_unless_of_one_sequence():
    columns = {"person": ["a", None, None, None, "a"], "sequence": ["s", "s", "s", None, None]}
    codes = group_codes(make_table("made", columns, 5)).tolist()
    assert codes == [0, 1, 1, 2, 0]
