"""Metrics as the papers of the field define them: NumPy in, floats or tidy pandas frames out.

Three rules hold throughout:

- Pairs in which either side is missing (NaN, None, NA) are left out; `complete_pairs` counts them,
  and tables have a column for it. Metrics of points and boxes say what they do instead.
- What the data don't define is NaN, never 0: the correlation with a constant, the area under a
  curve of one class, anything of no pairs.
- Inputs of unequal length or wrong shape are an `mien.InputError`.

Only NumPy and pandas are needed. Values are tested against scikit-learn, SciPy and published
tables.

>>> from mien import metrics
>>> metrics.ccc([0.1, 0.4, 0.8], [0.2, 0.5, 0.9]).__round__(3)
0.943
"""

from __future__ import annotations

from mien.metrics.boxes import average_precision, box_iou, detection_curve
from mien.metrics.classification import (
    accuracy,
    balanced_accuracy,
    class_table,
    cohen_kappa,
    confusion,
    f1,
    uar,
)
from mien.metrics.curves import pr_auc, roc_auc
from mien.metrics.fairness import (
    equal_opportunity_difference,
    equality_of_opportunity,
    fairness_ccc,
    group_table,
    recall_by_group,
)
from mien.metrics.intervals import bootstrap_interval
from mien.metrics.landmarks import landmark_points, nme, point_errors
from mien.metrics.regression import ccc, mae, pcc, rmse, sagr
from mien.metrics.reliability import icc
from mien.metrics.rows import complete_pairs
from mien.metrics.tables import agreement

__all__ = [
    "accuracy",
    "agreement",
    "average_precision",
    "balanced_accuracy",
    "bootstrap_interval",
    "box_iou",
    "ccc",
    "class_table",
    "cohen_kappa",
    "complete_pairs",
    "confusion",
    "detection_curve",
    "equal_opportunity_difference",
    "equality_of_opportunity",
    "f1",
    "fairness_ccc",
    "group_table",
    "icc",
    "landmark_points",
    "mae",
    "nme",
    "pcc",
    "point_errors",
    "pr_auc",
    "recall_by_group",
    "rmse",
    "roc_auc",
    "sagr",
    "uar",
]
