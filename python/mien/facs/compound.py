"""Compound expressions, zero-shot: Du et al.'s 15 categories from a table's columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError
from mien.facs._columns import labels, matrix, unit_name, units
from mien.facs.relations import COMPONENTS, COMPOUND

__all__ = ["compound_expressions"]


_PLEASANT = ("happily surprised", "happily disgusted")


def compound_expressions(table: pd.DataFrame, *, valence: bool = True) -> pd.DataFrame:
    """Scores of 15 compound expressions, zero-shot.

    The candidate score of a category c made of the expressions a and b is

        sum_u(w_cu AU_u) / sum_u(w_cu)  +  p_a + p_b  +  [c is pleasant] H(valence)

    with w_cu the share of people who show unit u in c (`mien.facs.COMPOUND`, Du et al. 2014), AU_u
    the unit, p the probabilities of the basic expressions, and H 1 above, 0.5 at and 0 below zero.
    Happily surprised and happily disgusted are the pleasant ones; every other category is expected
    to be unpleasant and gets nothing there. That is the score of Kollias, Sharmanska & Zafeiriou
    (2021, arXiv 2105.03790, zero-shot section), which Behaviour4All (Kollias et al. 2024, arXiv
    2409.17717, eq. 7) takes up. We had their description and not the typeset equation at hand: what
    is written above is what is computed. Units the table lacks are left out of both sums.
    Categories made of the same two expressions (angrily disgusted, appalled and hatred; fearfully
    surprised and awed) differ by their units alone, and by little.

    Parameters
    ----------
    table : FaceTable
        With action units and the six basic expressions.
    valence : bool
        Use the last term; then the table needs `valence`.

    Returns
    -------
    pandas.DataFrame
        A column for each category with its score (0 to 3, comparable within a row only) and
        `compound`, the category with the largest one; index of the table. NaN where a value is
        missing.

    Raises
    ------
    InputError
        No expressions, no valence where asked for, or a category of which the table has none of the
        prototypical units.
    """
    names = list(COMPOUND)
    numbers = {number for weights in COMPOUND.values() for number in weights}
    found, seen = units(table, numbers, "compound_expressions")
    weights = np.array([[COMPOUND[name].get(number, 0.0) for number in found] for name in names])
    if lost := [n for n, row in zip(names, weights, strict=True) if not (row == 1).any()]:
        wanted = sorted({u for n in lost for u, w in COMPOUND[n].items() if w == 1})
        raise InputError(
            f"compound_expressions can't tell {', '.join(lost)} without any of "
            f"{', '.join(map(unit_name, wanted))}"
        )
    basic = sorted({part for parts in COMPONENTS.values() for part in parts})
    probability = matrix(table, basic, "compound_expressions")
    made_of = np.array([[part in COMPONENTS[name] for part in basic] for name in names], float)
    score = seen @ (weights / weights.sum(axis=1, keepdims=True)).T + probability @ made_of.T
    if valence:
        pleasant = np.array([name in _PLEASANT for name in names], float)
        sign = np.sign(matrix(table, ["valence"], "compound_expressions (or valence=False)"))
        score += pleasant * (sign + 1) / 2
    out: pd.DataFrame = pd.DataFrame(score, index=table.index, columns=pd.Index(names))
    out["compound"] = best_name(score, names, table.index)
    return out


def best_name(score: NDArray[np.float64], names: list[str], index: pd.Index) -> pd.Series:
    """Name of the largest score of each row, the first of equals; missing where any score is."""
    known = ~np.isnan(score).any(axis=1)
    return labels(np.where(known, np.argmax(score, axis=1), -1), names, index)
