"""Photographs of scenes with drawn face boxes, of people without labels, and of no people.

The archives lie in ``<MIEN_DATA>/detection``: ``train.zip``, ``public.zip``, ``people.zip`` and
``negatives.zip`` (see the data folder's own ``README.md``). ``public.zip`` is for measuring only.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from models.training.datasets.paths import data_dir, require

ARCHIVES = ("train", "public", "people", "negatives")
LABELS = "labels.jsonl"
SUFFIXES = (".webp", ".jpg", ".jpeg", ".png")


@dataclass(frozen=True)
class Scene:
    """One photograph of an archive and what is drawn in it.

    Attributes
    ----------
    file : str
        The member's name.
    source : str
        The set it comes from; empty where the archive does not say.
    use : {"train", "public", "people", "negative", "animal"}
    boxes : ndarray (K, 4) float32
        Drawn faces x0 y0 x1 y1, pixels from the top-left edge.
    classes : tuple of str
        The label of each box.
    """

    file: str
    source: str
    use: str
    boxes: np.ndarray = field(repr=False)
    classes: tuple[str, ...] = ()


class Scenes:
    """The photographs of one archive, read straight out of the zip.

    Parameters
    ----------
    archive : {"train", "public", "people", "negatives"}
    folder : Path, optional
        Where the archives lie; by default ``<MIEN_DATA>/detection``.

    Raises
    ------
    ValueError
        No such archive, or a label line without a box's five values.
    FileNotFoundError
        The archive is not there.
    """

    def __init__(self, archive: str, folder: Path | None = None) -> None:
        if archive not in ARCHIVES:
            raise ValueError(f"archive: wanted one of {ARCHIVES}, got {archive!r}")
        folder = data_dir() / "detection" if folder is None else folder
        path = require(folder / f"{archive}.zip", "scenes")
        self.archive = archive
        self._zip = zipfile.ZipFile(path)
        names = self._zip.namelist()
        if LABELS in names:
            lines = self._zip.read(LABELS).decode().splitlines()
            self.scenes = [_scene(json.loads(line), archive, path) for line in lines]
        else:
            wanted = sorted(name for name in names if name.endswith(SUFFIXES))
            none = np.zeros((0, 4), np.float32)
            self.scenes = [Scene(name, "", archive, none) for name in wanted]

    def __len__(self) -> int:
        return len(self.scenes)

    def image(self, row: int) -> np.ndarray:
        """The photograph number ``row``, RGB uint8 (H, W, 3); raises ValueError if unreadable."""
        file = self.scenes[row].file
        coded = np.frombuffer(self._zip.read(file), np.uint8)
        image = cv2.imdecode(coded, cv2.IMREAD_COLOR)
        if image is None:
            raise ValueError(f"{self.archive}.zip: {file}: not a readable image")
        return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)

    def __iter__(self) -> Iterator[tuple[Scene, np.ndarray]]:
        for row, scene in enumerate(self.scenes):
            yield scene, self.image(row)


def _scene(line: dict[str, object], archive: str, path: Path) -> Scene:
    drawn = line.get("boxes", [])
    if not isinstance(drawn, list) or any(len(box) != 5 for box in drawn):
        raise ValueError(f"{path}: {line['file']}: boxes: wanted lists of x, y, w, h, class")
    corners = [[x, y, x + w, y + h] for x, y, w, h, _ in drawn]
    return Scene(
        file=str(line["file"]),
        source=str(line.get("set", line.get("source", ""))),
        use=str(line.get("use", archive)),
        boxes=np.array(corners, np.float32).reshape(-1, 4),
        classes=tuple(str(box[4]) for box in drawn),
    )
