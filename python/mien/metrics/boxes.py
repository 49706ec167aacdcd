"""Average precision of face boxes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mien.errors import InputError, OptionError
from mien.metrics.rows import Floats

__all__ = ["average_precision", "box_iou", "detection_curve"]


def box_iou(a: ArrayLike, b: ArrayLike) -> Floats:
    """Intersection over union (K, M) of boxes (K, 4) and (M, 4): left, top, right, bottom.

    Examples
    --------
    >>> box_iou([[0, 0, 2, 2]], [[1, 0, 3, 2]]).round(3).tolist()
    [[0.333]]
    """
    a, b = _boxes(a, 4, "a"), _boxes(b, 4, "b")
    shared = _shared(a, b)
    union = _area(a)[:, None] + _area(b) - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def average_precision(
    found: Sequence[ArrayLike],
    truth: Sequence[ArrayLike],
    *,
    ignore: Sequence[ArrayLike] | None = None,
    iou: float = 0.5,
) -> float:
    """Average precision of detections, 0 to 1: the area under `detection_curve`, all points of it.

    Precision at a recall is the best at that recall or any higher one (Everingham et al. 2015, IJCV
    111, 98-136: VOC from 2010 on; no eleven-point sampling). Parameters and errors are those of
    `detection_curve`.

    Returns
    -------
    float
        NaN where there is no face to find.

    Examples
    --------
    >>> average_precision([[(0, 0, 9, 9, 0.8), (50, 50, 60, 60, 0.9)]], [[(0, 0, 10, 10)]])
    0.5
    """
    curve = detection_curve(found, truth, ignore=ignore, iou=iou)
    if not _count(truth):
        return math.nan
    best = np.maximum.accumulate(curve["precision"].to_numpy()[::-1])[::-1]
    return float((np.diff(curve["recall"].to_numpy(), prepend=0.0) * best).sum())


def detection_curve(
    found: Sequence[ArrayLike],
    truth: Sequence[ArrayLike],
    *,
    ignore: Sequence[ArrayLike] | None = None,
    iou: float = 0.5,
) -> pd.DataFrame:
    """Precision and recall as the threshold falls: one row a detection that counts.

    Detections are taken by falling score. Each claims the face that it overlaps most among those
    still free, if by at least `iou`; otherwise it is false, unless it lies in a region to ignore:
    where the region covers at least the share `iou` of the detection (COCO's rule for crowds), it
    counts neither way. Equal scores are taken in the order given.

    Parameters
    ----------
    found : sequence, one an image, of array-like (K, 5)
        Left, top, right, bottom, score; empty where nothing was detected.
    truth : sequence, one an image, of array-like (M, 4)
        Left, top, right, bottom of the faces.
    ignore : sequence, one an image, of array-like (R, 4), optional
        Regions where detections are neither right nor wrong.
    iou : float
        Least intersection over union, above 0 and at most 1.

    Returns
    -------
    pandas.DataFrame
        `score`, `precision`, `recall` (NaN where there is no face).

    Raises
    ------
    InputError
        Unequal numbers of images, boxes of another shape, or coordinates or scores that are NaN.
    OptionError
        `iou` out of range.
    """
    if not 0 < iou <= 1:
        raise OptionError(f"iou: wanted above 0 and at most 1, got {iou}")
    regions = [()] * len(truth) if ignore is None else ignore
    if not len(found) == len(truth) == len(regions):
        raise InputError(
            f"one entry an image wanted: found has {len(found)}, truth {len(truth)}, "
            f"ignore {len(regions)}"
        )
    judged = [_judge(*image, iou) for image in zip(found, truth, regions, strict=True)]
    rows = np.concatenate([*judged, np.empty((0, 2))])
    rows = rows[np.argsort(-rows[:, 0], kind="stable")]
    hits, taken = np.cumsum(rows[:, 1]), np.arange(1, len(rows) + 1)
    faces = _count(truth)
    recall = hits / faces if faces else np.full(len(rows), np.nan)
    columns = {"score": rows[:, 0], "precision": hits / taken, "recall": recall}
    table: pd.DataFrame = pd.DataFrame(columns)
    return table


def _judge(found: ArrayLike, truth: ArrayLike, ignore: ArrayLike, iou: float) -> Floats:
    """Score and correctness (K', 2) of one image's detections, the ignored ones left out."""
    boxes, faces, regions = (
        _boxes(found, 5, "found"),
        _boxes(truth, 4, "truth"),
        _boxes(ignore, 4, "ignore"),
    )
    boxes = boxes[np.argsort(-boxes[:, 4], kind="stable")]
    overlap = box_iou(boxes[:, :4], faces)
    area = np.maximum(_area(boxes), np.finfo(float).tiny)
    doubtful = np.any(_shared(boxes, regions) >= iou * area[:, None], axis=1)
    rows = []
    for row, box in enumerate(boxes):
        best = int(overlap[row].argmax()) if len(faces) else -1
        right = best >= 0 and overlap[row, best] >= iou
        if right:
            overlap[:, best] = -1  # no longer free
        if right or not doubtful[row]:
            rows.append((box[4], right))
    return np.array(rows, np.float64).reshape(-1, 2)


def _boxes(values: ArrayLike, width: int, name: str) -> Floats:
    array = np.asarray(values, np.float64)
    array = array.reshape(0, width) if array.size == 0 else array
    if array.ndim != 2 or array.shape[1] != width:
        raise InputError(f"{name}: wanted boxes (K, {width}), got the shape {array.shape}")
    if np.isnan(array).any():
        raise InputError(f"{name}: a box has NaN; leave out rows without a face")
    return array


def _shared(a: Floats, b: Floats) -> Floats:
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:4], b[None, :, 2:4])
    return np.asarray(np.clip(high - low, 0, None).prod(2))


def _area(boxes: Floats) -> NDArray[np.float64]:
    return np.asarray(np.clip(boxes[:, 2:4] - boxes[:, :2], 0, None).prod(1))


def _count(truth: Sequence[ArrayLike]) -> int:
    return sum(len(_boxes(faces, 4, "truth")) for faces in truth)
