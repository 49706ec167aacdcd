"""WIDER FACE (Yang et al. 2016): boxes of faces, with RetinaFace's five points where they are at
hand.

``wider_face_split/wider_face_train_bbx_gt.txt`` (and ``val``): the name of an image, the number of
its faces, then a line ``x y w h blur expression illumination invalid occlusion pose`` for each; an
image without faces has 0 and one line of zeros. Faces marked invalid, and boxes without area, are
``ignored``. ``wider_face_split/wider_face_test_filelist.txt`` names the test images, without faces.

RetinaFace's lists (Deng et al. 2020), with ``lists="retinaface"``: ``train/label.txt`` (and
``val``), or ``retinaface_gt_v1.1/train/label.txt``: ``# <image>``, then for each face ``x y w h``
and, in ``train``, five times ``x y visible`` and a quality. Points of -1 are not given. Images:
``WIDER_train/images/...``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from models.training.datasets.readers.errors import DamagedFileError
from models.training.datasets.readers.files import lines, number, numbers, one_of, whole
from models.training.datasets.readers.record import make_table

PARTS = {"train": "train", "val": "validation"}
LISTS = ("wider", "retinaface")
ATTRIBUTES = 10
INVALID = 7
Faces = tuple[str, np.ndarray, np.ndarray, np.ndarray]


def read(root: Path, lists: str = "wider") -> pd.DataFrame:
    """Read the set from its folder by its own lists, "wider", or by "retinaface"'s."""
    if lists not in LISTS:
        raise ValueError(f"widerface: lists is {lists!r}, wanted one of {LISTS}")
    columns: dict[str, list] = {c: [] for c in ("image", "split", "boxes", "points", "ignored")}
    for part, split in PARTS.items():
        if lists == "wider":
            name = (f"wider_face_split/wider_face_{part}_bbx_gt.txt",)
            found = _wider(one_of("widerface", root, name, "list of faces"))
        else:
            name = (f"{part}/label.txt", f"retinaface_gt_v1.1/{part}/label.txt")
            found = _retinaface(one_of("widerface", root, name, "list of faces and points"))
        for image, boxes, points, ignored in found:
            columns["image"].append(f"WIDER_{part}/images/{image}")
            columns["split"].append(split)
            columns["boxes"].append(boxes)
            columns["points"].append(points)
            columns["ignored"].append(ignored)
    test = root / "wider_face_split" / "wider_face_test_filelist.txt"
    if lists == "wider" and test.exists():
        for _, image in lines(test):
            columns["image"].append(f"WIDER_test/images/{image}")
            columns["split"].append("test")
            for name in ("boxes", "points", "ignored"):
                columns[name].append(None)
    return make_table("widerface", columns, len(columns["image"]))


def _faces(image: str, boxes: list, points: list, invalid: list) -> Faces:
    corners = np.array(boxes, np.float32).reshape(-1, 4)
    flat = (corners[:, 2:] <= 0).any(1)
    corners[:, 2:] += corners[:, :2]
    five = np.array(points, np.float32).reshape(-1, 5, 2)
    return image, corners, five, flat | np.array(invalid, bool)


def _wider(path: Path) -> Iterator[Faces]:
    rows = lines(path)
    for line, image in rows:
        if not image.lower().endswith(".jpg"):
            raise DamagedFileError(path, line, f"wanted the name of an image, got {image!r}")
        line, text = next(rows, (line + 1, "the end of the file"))
        count = whole(path, line, text, 0, 10**5)
        boxes, invalid = [], []
        for _ in range(max(count, 1)):
            line, text = next(rows, (line + 1, ""))
            values = numbers(path, line, text.split(), ATTRIBUTES)
            if count:
                boxes.append(values[:4])
                invalid.append(values[INVALID] > 0)
        yield _faces(image, boxes, [np.full((5, 2), np.nan)] * count, invalid)


def _retinaface(path: Path) -> Iterator[Faces]:
    image, boxes, points = None, [], []
    for line, text in lines(path):
        if text.startswith("#"):
            if image is not None:
                yield _faces(image, boxes, points, [False] * len(boxes))
            image, boxes, points = text[1:].strip(), [], []
            continue
        if image is None:
            raise DamagedFileError(path, line, f"wanted # and an image first, got {text!r}")
        fields = text.split()
        if len(fields) not in (4, 19, 20):
            problem = f"wanted x y w h, alone or with five points, got {len(fields)} numbers"
            raise DamagedFileError(path, line, problem)
        values = np.array([number(path, line, field, -1e6, 1e6) for field in fields])
        boxes.append(values[:4])
        if len(fields) == 4:
            points.append(np.full((5, 2), np.nan))
        else:
            five = values[4:19].reshape(5, 3)
            points.append(np.where((five == -1).all(1, keepdims=True), np.nan, five)[:, :2])
    if image is not None:
        yield _faces(image, boxes, points, [False] * len(boxes))
