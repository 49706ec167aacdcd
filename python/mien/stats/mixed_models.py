"""Linear mixed models, for measurements of the same people or of the same clips."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.preprocess.columns import as_table
from mien.preprocess.extras import extra
from mien.preprocess.sessions import Grouping
from mien.stats._checks import check_confidence
from mien.stats._design import Matrix, Variables, variables
from mien.stats._grouping import groups_of
from mien.stats.corrections import Correction, check_correction, correct
from mien.table import FaceTable

__all__ = ["MixedModel", "mixed"]


NEAR_ZERO = 0.01  # of the residuals' variance


@dataclass(frozen=True)
class MixedModel:
    """What `mixed` returns.

    Attributes
    ----------
    coefficients : pandas.DataFrame
        A row for each target and fixed term: `target`, `term`, `b`, `se`, `z`, `p`, `p_corrected`
        (the intercepts are no part of the family), `ci_low`, `ci_high`.
    fit : pandas.DataFrame
        A row for each target: `target`, `n` rows, `groups`, `variance_groups` (of the random
        intercepts), `variance_residual`, `icc` (the groups' share of the two), `log_likelihood`,
        `converged`, `note` (what statsmodels warned of, a random effect without variance, or "").
    models : dict
        The fitted result of statsmodels for each target.
    """

    coefficients: pd.DataFrame
    fit: pd.DataFrame
    models: dict[Hashable, Any]


def mixed(
    table: FaceTable,
    X: Variables,
    y: Variables,
    groups: Grouping = None,
    *,
    slopes: Variables | None = None,
    reml: bool = True,
    confidence: float = 0.95,
    correction: Correction = "fdr_bh",
    fit_options: Mapping[str, object] | None = None,
) -> MixedModel:
    """Linear mixed model of each target, with random intercepts for people.

    Fitted by statsmodels' ``MixedLM``.

    Rows that miss a term or a group are left out; rows that miss a target, for that target alone.

    Parameters
    ----------
    table : FaceTable
    X, y
        As for `regress`.
    groups : str, list of str, mapping or array, optional
        Who or what the random effects are of, e.g. the column of a person's name. By default the
        table's sessions.
    slopes : as `X`, optional
        Terms whose slopes differ between groups, too.
    reml : bool, optional
        Restricted maximum likelihood; False for maximum likelihood, whose `log_likelihood` may be
        compared between models of different terms.
    confidence : float, optional
        Coverage of the intervals, between 0 and 1.
    correction : {"fdr_bh", "fdr_by", "holm", "bonferroni"} or None, optional
        See `mien.stats.correct`.
    fit_options : mapping, optional
        Further options of ``MixedLM.fit``, e.g. ``{"method": "powell"}``.

    Returns
    -------
    MixedModel
        p-values are of the normal distribution (Wald), which is too hopeful where there are few
        groups. Look at `converged` and `note` before using a row.

    Raises
    ------
    OptionError
        An option out of range, or no groups.
    InputError
        A name that isn't there, or fewer than two groups.
    MissingExtraError
        statsmodels isn't installed.
    """
    check_confidence(confidence)
    check_correction(correction)
    models: Any = extra("statsmodels.regression.mixed_linear_model", "statsmodels")
    table = as_table(table)
    terms, targets = variables(table, X, "X"), variables(table, y, "y")
    random = None if slopes is None else variables(table, slopes, "slopes")
    found = groups_of(table, groups, "groups")
    if not found.columns:
        raise OptionError("groups: wanted what the groups are, as the table has no sessions")
    usable = np.isfinite(terms.values).all(axis=1) & (found.codes >= 0)
    if random is not None:
        usable &= np.isfinite(random.values).all(axis=1)
    fits = {}
    notes: dict[Hashable, str] = {}
    for i, target in enumerate(targets.names):
        kept = np.flatnonzero(usable & np.isfinite(targets.values[:, i]))
        count = len(np.unique(found.codes[kept]))
        if count < 2:
            raise InputError(f"groups: wanted two or more with a value of {target!r}, got {count}")
        model = models.MixedLM(
            targets.values[kept, i],
            _design(terms, kept),
            groups=found.codes[kept],
            exog_re=None if random is None else _design(random, kept),
        )
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fits[target] = model.fit(reml=reml, **(fit_options or {}))
        notes[target] = "; ".join(_notes(fits[target], [str(w.message) for w in caught]))
    names = ["intercept", *terms.names]
    fit = [{"target": name, **_summary(fits[name]), "note": notes[name]} for name in fits]
    table_of_terms = _coefficients(fits, names, confidence, correction)
    return MixedModel(table_of_terms, pd.DataFrame(fit), fits)


def _notes(result: Any, warned: list[str]) -> list[str]:
    """What statsmodels warned of.

    Its warning of variances near 0 goes by their absolute size, which those of intensities of 0 to
    1 always are below; here they are judged by the residuals' variance instead.
    """
    notes = [text for text in dict.fromkeys(warned) if "boundary" not in text]
    if np.diag(np.asarray(result.cov_re)).min() < NEAR_ZERO * result.scale:
        notes.append("a random effect has hardly any variance: the estimate may be on its boundary")
    return notes


def _design(terms: Matrix, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.column_stack([np.ones(len(rows)), terms.values[rows]])


def _summary(result: Any) -> dict[str, Any]:
    between, within = float(np.asarray(result.cov_re)[0, 0]), float(result.scale)
    return {
        "n": int(result.nobs),
        "groups": len(result.model.group_labels),
        "variance_groups": between,
        "variance_residual": within,
        "icc": between / (between + within) if between + within > 0 else np.nan,
        "log_likelihood": float(result.llf),
        "converged": bool(result.converged),
    }


def _coefficients(
    fits: Mapping[Hashable, Any],
    names: Sequence[Hashable],
    confidence: float,
    correction: Correction,
) -> pd.DataFrame:
    from scipy import stats

    width = float(stats.norm.ppf((1 + confidence) / 2))
    parts = []
    for target, result in fits.items():
        count = len(names)
        b, se = np.asarray(result.fe_params), np.asarray(result.bse_fe)
        p = np.asarray(result.pvalues)[:count]
        columns = {"target": [target] * count, "term": names, "b": b, "se": se, "z": b / se, "p": p}
        parts.append(pd.DataFrame(columns))
    table: pd.DataFrame = pd.concat(parts, ignore_index=True)
    tested = (table["term"] != "intercept").to_numpy()
    corrected = np.full(len(table), np.nan)
    corrected[tested] = correct(table["p"].to_numpy()[tested], correction)
    table["p_corrected"] = corrected
    table["ci_low"] = table["b"] - width * table["se"]
    table["ci_high"] = table["b"] + width * table["se"]
    return table
