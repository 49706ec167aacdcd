"""Do the action units of a face fit its expression? Rules in the manner of EMFACS."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.facs._columns import labels, matrix, unit_name, units
from mien.facs.compound import best_name
from mien.facs.relations import EMFACS, OPPOSED

__all__ = ["consistency", "supporting_units"]


def supporting_units(table: pd.DataFrame) -> pd.DataFrame:
    """Which units of the table support each expression and which speak against it.

    Parameters
    ----------
    table : FaceTable
        Only the names of its columns matter.

    Returns
    -------
    pandas.DataFrame
        One row an expression: `expression`, `support`, `oppose` and `absent` (units of its
        prototype the table lacks), each a string such as ``AU06 AU12``.

    Raises
    ------
    InputError
        None of the units.
    """
    found, _ = units(table, _numbers(), "supporting_units")
    rules: pd.DataFrame = pd.DataFrame(
        {
            "expression": list(EMFACS),
            "support": [_join(u for u in EMFACS[e] if u in found) for e in EMFACS],
            "oppose": [_join(u for u in OPPOSED[e] if u in found) for e in EMFACS],
            "absent": [_join(u for u in EMFACS[e] if u not in found) for e in EMFACS],
        }
    )
    return rules


def consistency(
    table: pd.DataFrame, expression: str | None = None, threshold: float = 0.5
) -> pd.DataFrame:
    """How well the action units of each row fit its expression.

    Support is the mean of the units of the expression's prototype (`mien.facs.EMFACS`), as far as
    the table has them; neutral, whose prototype is empty, has full support. Opposition is the
    largest of the units that speak against it (`mien.facs.OPPOSED`). The score is support times (1
    - opposition). The rules are coarse, and people show an expression in many ways: a low score is
    a reason to look, not proof of a mistake.

    Parameters
    ----------
    table : FaceTable
        With action units (0 to 1) and, unless `expression` names one, the seven expressions.
    expression : str, optional
        The expression to hold all rows against; by default, each row's most probable one.
    threshold : float
        Above it a unit counts as shown, for `missing` and `contradicting`.

    Returns
    -------
    pandas.DataFrame
        Index of the table; `expression`, `support`, `opposition` and `score` (0 to 1), `missing`
        (units of the prototype that aren't shown) and `contradicting` (opposed units that are),
        both strings such as ``AU06 AU12`` in categories. Missing where a unit or the expression is.

    Raises
    ------
    InputError
        No units, no expressions, or none of the units of an expression's prototype.
    OptionError
        No such expression.

    Examples
    --------
    >>> table = pd.DataFrame({"AU06": [0.1], "AU12": [0.9], "AU15": [0.8]})
    >>> found = consistency(table, "happiness")[["score", "missing", "contradicting"]]
    >>> found.round(3).to_dict("records")
    [{'score': 0.1, 'missing': 'AU06', 'contradicting': 'AU15'}]
    """
    if expression is not None and expression not in EMFACS:
        raise OptionError(f"expression is one of {', '.join(EMFACS)}; got {expression!r}")
    found, values = units(table, _numbers(), "consistency")
    names = list(EMFACS)
    support = np.array([[unit in EMFACS[e] for unit in found] for e in names], float)
    oppose = np.array([[unit in OPPOSED[e] for unit in found] for e in names], bool)
    code = _expression_codes(table, expression, names)
    used = set(code.tolist()) - {-1}
    bare = [names[i] for i in used if EMFACS[names[i]] and not support[i].any()]
    if bare:
        raise InputError(
            f"consistency has none of the units that support {', '.join(sorted(bare))}"
        )
    code[np.isnan(values).any(axis=1)] = -1
    row = np.maximum(code, 0)
    total = support.sum(axis=1)
    mean = (values @ support.T)[np.arange(len(row)), row]
    mean = np.where(total[row] > 0, mean / np.maximum(total[row], 1), 1.0)
    against = np.where(oppose[row], values, 0.0).max(axis=1)
    mean[code < 0] = against[code < 0] = np.nan
    shown = values > threshold
    out: pd.DataFrame = pd.DataFrame(
        {
            "expression": labels(code, names, table.index),
            "support": mean,
            "opposition": against,
            "score": mean * (1 - against),
            "missing": labels(*_spelt(~shown & (support[row] > 0), found, code >= 0), table.index),
            "contradicting": labels(*_spelt(shown & oppose[row], found, code >= 0), table.index),
        },
        index=table.index,
    )
    return out


def _expression_codes(
    table: pd.DataFrame, expression: str | None, names: list[str]
) -> NDArray[np.intp]:
    """Number of each row's expression: the one given, or its most probable; -1 where missing."""
    if expression is not None:
        return np.full(len(table), names.index(expression))
    label = best_name(matrix(table, names, "consistency"), names, table.index)
    return label.cat.codes.to_numpy().astype(np.intp)


def _numbers() -> set[int]:
    return {unit for rules in (EMFACS, OPPOSED) for listed in rules.values() for unit in listed}


def _join(numbers: Iterable[int]) -> str:
    return " ".join(map(unit_name, numbers))


def _spelt(
    chosen: NDArray[np.bool_], found: list[int], known: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], list[str]]:
    """Codes and names of the units chosen in each row.

    There are few different sets, so each is spelt out once.
    """
    bits = chosen @ (1 << np.arange(len(found), dtype=np.int64))
    sets, code = np.unique(bits, return_inverse=True)
    texts = [_join(u for i, u in enumerate(found) if (int(s) >> i) & 1) for s in sets]
    return np.where(known, code.reshape(-1), -1), texts
