"""What an ensemble of detectors sees in the photographs of scenes, cached.

``python -m models.training.datasets.teacher_scenes`` writes ``<MIEN_CACHE>/scenes/NAME.npz`` for
train, people and negatives: every photograph's faces by YuNet at two sizes and RetinaFace at one,
some of them mirrored, merged where they overlap. A face's score is the mean over all views, those
that did not see it counting 0.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from models.training.datasets.detection_scenes import Scenes
from models.training.datasets.paths import cache_dir
from models.training.datasets.teacher_faces import RetinaFace, YuNet, overlap

FLOOR = 0.1  # scores below are not looked at
SAME = 0.5  # IoU above which two views' boxes are one face
MULTIPLE = 32
MIRRORED = [1, 0, 2, 4, 3]  # the five points' order in the mirror
# Teacher, longer side shown, mirrored. More views (1280, every one also mirrored) cost three times.
VIEWS = (("yunet", 640, False), ("yunet", 960, True), ("retinaface", 640, True))
ARCHIVES = ("train", "people", "negatives")

# RGB uint8 (1, H, W, 3), sides of multiples of 32 -> faces (K, 15) of each image
Teacher = Callable[[np.ndarray], list[np.ndarray]]


def view(teacher: Teacher, image: np.ndarray, side: int, mirrored: bool) -> np.ndarray:
    """Faces (K, 15) that a teacher sees in an image shown with its longer side at ``side``.

    Returns
    -------
    ndarray (K, 15) float32
        Score, box, five points; pixels of ``image`` from its top-left edge, not mirrored.
    """
    height, width = image.shape[:2]
    scale = side / max(height, width)
    rows, columns = max(round(height * scale), 1), max(round(width * scale), 1)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(image, (columns, rows), interpolation=how)
    if mirrored:
        small = small[:, ::-1]
    padded = (-(-rows // MULTIPLE) * MULTIPLE, -(-columns // MULTIPLE) * MULTIPLE, 3)
    canvas = np.full(padded, 114, np.uint8)
    canvas[:rows, :columns] = small
    faces = teacher(canvas[None])[0].copy()
    if mirrored:
        faces = mirror(faces, columns)
    faces[:, 1::2] *= width / columns
    faces[:, 2::2] *= height / rows
    return faces.astype(np.float32)


def mirror(faces: np.ndarray, width: float) -> np.ndarray:
    """Faces (K, 15) of an image ``width`` wide, as they lie in its mirror image."""
    turned = faces.copy()
    turned[:, 1], turned[:, 3] = width - faces[:, 3], width - faces[:, 1]
    points = faces[:, 5:15].reshape(-1, 5, 2)[:, MIRRORED]
    points[..., 0] = width - points[..., 0]
    turned[:, 5:15] = points.reshape(-1, 10)
    return turned


def merge(views: list[np.ndarray]) -> np.ndarray:
    """One face for all those that overlap, best first.

    Parameters
    ----------
    views : list of ndarray (K, 15)
        What each view saw.

    Returns
    -------
    ndarray (K, 15) float32
        Boxes and points are means weighted by the scores, the score the mean over all views.
    """
    every = np.concatenate(views)
    origin = np.repeat(np.arange(len(views)), [len(seen) for seen in views])
    order = np.argsort(-every[:, 0], kind="stable")
    every, origin = every[order], origin[order]
    merged: list[np.ndarray] = []
    while len(every):
        near = overlap(every[:1, 1:5], every[:, 1:5])[0] >= SAME
        near[0] = True
        first = np.zeros(len(every), bool)  # the best of each view
        first[np.unique(np.where(near, origin, -1), return_index=True)[1]] = True
        group = every[near & first]
        mean = np.average(group, axis=0, weights=group[:, 0])
        mean[0] = group[:, 0].sum() / len(views)
        merged.append(mean)
        every, origin = every[~near], origin[~near]
    faces = np.stack(merged) if merged else np.zeros((0, 15))
    return faces[np.argsort(-faces[:, 0], kind="stable")].astype(np.float32)


class Ensemble:
    """The teachers' views of an image, merged.

    Parameters
    ----------
    views : sequence of (teacher, side, mirrored)
        ``yunet`` or ``retinaface``, the longer side it is shown, and whether in the mirror.
    """

    def __init__(self, views: tuple[tuple[str, int, bool], ...] = VIEWS) -> None:
        makers = {"yunet": YuNet, "retinaface": RetinaFace}
        self._teachers = {name: makers[name](FLOOR) for name in sorted({v[0] for v in views})}
        self._views = views

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Faces (K, 15) of an RGB uint8 image (H, W, 3), best first."""
        return merge(
            [
                view(self._teachers[name], image, side, mirrored)
                for name, side, mirrored in self._views
            ]
        )


def cache_file(archive: str) -> Path:
    """Where an archive's teacher labels lie; the folder is created."""
    folder = cache_dir() / "scenes"
    folder.mkdir(exist_ok=True)
    return folder / f"{archive}.npz"


def build(archive: str, ensemble: Callable[[np.ndarray], np.ndarray]) -> None:
    """Label an archive's photographs and write the cache file."""
    scenes, found, began = Scenes(archive), [], time.monotonic()
    for row, (_, image) in enumerate(scenes):
        found.append(ensemble(image))
        if row % 100 == 99:
            print(
                f"{archive}: {row + 1} of {len(scenes)}, {time.monotonic() - began:.0f} s",
                flush=True,
            )
    ends = np.cumsum([0, *(len(faces) for faces in found)])
    names = np.array([scene.file for scene in scenes.scenes])
    np.savez_compressed(cache_file(archive), faces=np.concatenate(found), ends=ends, files=names)


def load(archive: str) -> dict[str, np.ndarray]:
    """Teacher's faces (K, 15) of each file of an archive; raises FileNotFoundError."""
    path = cache_file(archive)
    if not path.exists():
        raise FileNotFoundError(
            f"{path}: make it with: python -m models.training.datasets.teacher_scenes {archive}"
        )
    stored = np.load(path)
    ends, faces = stored["ends"], stored["faces"]
    return {str(file): faces[ends[row] : ends[row + 1]] for row, file in enumerate(stored["files"])}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archives", nargs="*", default=list(ARCHIVES))
    ensemble = Ensemble()
    for archive in parser.parse_args().archives:
        build(archive, ensemble)


if __name__ == "__main__":
    main()
