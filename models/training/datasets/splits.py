"""K folds of a table in which no person is in two.

folds = person_folds(table, folds=5, seed=0)
for training, held_out in each_fold(folds):
    table.iloc[training], table.iloc[held_out]
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd

__all__ = ["each_fold", "group_codes", "person_folds"]

RARE = "The least populated class in y"


def group_codes(table: pd.DataFrame) -> np.ndarray:
    """A number for each row's group, (N,) int64: its person, else its sequence, else the row
    itself.

    Rows without a person and with a sequence are taken for one person a sequence, who is nobody
    else; rows with neither stand alone. Tables of several sets keep their people apart only if the
    names do: DISFA and DISFA+ share theirs because they share the people.
    """
    person = table["person"].astype(object)
    sequence = table["sequence"].astype(object)
    rows = range(len(table))
    keys = [
        ("person", p) if pd.notna(p) else ("sequence", s) if pd.notna(s) else ("row", row)
        for p, s, row in zip(person, sequence, rows, strict=True)
    ]
    return pd.factorize(pd.Series(keys, dtype=object))[0].astype(np.int64)


def person_folds(table: pd.DataFrame, folds: int, seed: int) -> np.ndarray:
    """The fold of each row, (N,) int64 from 0 to `folds` - 1.

    People are spread so that each fold has its share of images and, where the table has
    expressions, of each expression (scikit-learn's StratifiedGroupKFold); a missing expression is
    a class of its own. The same table, number and seed give the same folds.

    Raises
    ------
    ValueError
        Fewer than two folds, or fewer people than folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    groups = group_codes(table)
    people = len(np.unique(groups))
    if not 2 <= folds <= people:
        raise ValueError(f"folds is {folds}, wanted 2 to {people}, the number of people")
    classes = table["expression"].cat.codes.to_numpy()
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    fold = np.full(len(table), -1, np.int64)
    if np.bincount(classes + 1).max() < folds:
        # Each class is rarer than there are folds: scikit-learn refuses, and there is nothing to
        # even.
        classes = np.zeros(len(table), np.int8)
    with warnings.catch_warnings():
        # A rare expression cannot be in every fold; that is no fault of the table.
        warnings.filterwarnings("ignore", message=RARE, category=UserWarning)
        for number, (_, held_out) in enumerate(splitter.split(groups, classes, groups)):
            fold[held_out] = number
    return fold


def each_fold(fold: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Row numbers for training and held out, for each fold in turn."""
    for number in range(int(fold.max()) + 1):
        yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)
