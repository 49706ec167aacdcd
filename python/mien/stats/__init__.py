"""Statistics: tests, regression, prediction and synchrony on the columns of a table.

Functions that take a `FaceTable` and return tidy DataFrames, or small dataclasses of them; all are
methods of the table too. Each docstring says what happens to missing values, and p-values of
several columns come corrected (`correct`). Rows are taken for independent unless groups are given;
frames of a video are not, so average them by clip or person first, or name the groups.
"""

from __future__ import annotations

from mien.preprocess.extras import MissingExtraError
from mien.stats.corrections import correct
from mien.stats.intersubject import ISC, isc
from mien.stats.mixed_models import MixedModel, mixed
from mien.stats.prediction import Prediction, predict
from mien.stats.regression import Regression, regress
from mien.stats.synchrony import Synchrony, synchrony
from mien.stats.ttests import ttest_1samp, ttest_ind, ttest_rel

__all__ = [
    "ISC",
    "MissingExtraError",
    "MixedModel",
    "Prediction",
    "Regression",
    "Synchrony",
    "correct",
    "isc",
    "mixed",
    "predict",
    "regress",
    "synchrony",
    "ttest_1samp",
    "ttest_ind",
    "ttest_rel",
]
