"""Images with all their faces labelled by teachers, decoded once into memory-mapped arrays.

``python -m models.training.datasets.faces`` makes the cache (``<MIEN_CACHE>/detector``): for
each source ``<name>.npy``, uint8 (N, S, S, 3) RGB, and ``<name>.faces.npy``, float32 (M, 17):
image, sure (1) or doubtful (0), box x0 y0 x1 y1, five points x y, teachers' score; pixels of the
image from its top-left edge.
"""

from __future__ import annotations

import argparse
import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from models.training.datasets.paths import cache_dir, data_dir, require
from models.training.datasets.teacher_faces import RetinaFace, YuNet, overlap

CANVAS = 320  # teachers see the image in the middle of such a grey square
DOUBT = 0.15  # below, a teacher's answer is no face
SURE = 0.8  # one teacher alone must say at least this; two that agree, half of it


@dataclass(frozen=True)
class Source:
    """One dataset: where it lies and how large its images are kept and shown to the teachers."""

    name: str
    archive: str
    prefix: str
    side: int
    shown: int
    most: int


SOURCES = {
    "lfw": Source("lfw", "lfw.zip", "", 250, 250, 10**9),
    "utkface": Source("utkface", "utkface.zip", "", 200, 200, 4000),
    "fer2013": Source("fer2013", "fer2013.zip", "train/", 48, 192, 3000),
}


@dataclass(frozen=True)
class Dataset:
    """Images (N, S, S, 3) uint8 and, for each, its faces (K, 16): sure, box, points, score."""

    name: str
    images: np.ndarray
    faces: list[np.ndarray]


def is_held_out(member: str) -> bool:
    """Whether a member belongs to the tenth that training never sees (by its name's CRC-32)."""
    return zlib.crc32(member.encode()) % 10 == 0


def _members(source: Source) -> list[str]:
    archive = require(data_dir() / source.archive, source.name)
    with zipfile.ZipFile(archive) as opened:
        named = [n for n in opened.namelist() if n.startswith(source.prefix) and n.endswith(".jpg")]
    order = np.random.default_rng(0).permutation(len(named))[: source.most]
    return [named[i] for i in sorted(order)]


def _folder() -> Path:
    folder = cache_dir() / "detector"
    folder.mkdir(exist_ok=True)
    return folder


def agree(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Merge two teachers' faces (K, 15) of one image into (K, 16): sure, box, points, score.

    Where they agree (IoU above 0.5) boxes and points are averaged; a face of one teacher alone is
    sure only if its score is at least `SURE`, and otherwise doubtful: neither a face nor
    background.
    """
    merged, used = [], np.zeros(len(second), bool)
    shared = overlap(first[:, 1:5], second[:, 1:5])
    for row, face in enumerate(first):
        other = int(np.argmax(np.where(used, -1, shared[row]))) if len(second) else -1
        if other >= 0 and shared[row, other] > 0.5 and not used[other]:
            used[other] = True
            mean = (face + second[other]) / 2
            merged.append(np.r_[float(mean[0] >= SURE / 2), mean[1:], mean[0]])
        else:
            merged.append(np.r_[float(face[0] >= SURE), face[1:], face[0]])
    merged += [np.r_[float(f[0] >= SURE), f[1:], f[0]] for f in second[~used]]
    return np.stack(merged).astype(np.float32) if merged else np.zeros((0, 16), np.float32)


def _shown(image: np.ndarray, side: int) -> np.ndarray:
    canvas = np.full((CANVAS, CANVAS, 3), 114, np.uint8)
    low = (CANVAS - side) // 2
    large = (
        image
        if len(image) == side
        else cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC)
    )
    canvas[low : low + side, low : low + side] = large
    return canvas


def build(source: Source, batch: int = 16) -> None:
    """Decode one dataset and label it with both teachers."""
    members = _members(source)
    images = np.empty((len(members), source.side, source.side, 3), np.uint8)
    with zipfile.ZipFile(data_dir() / source.archive) as opened:
        for row, member in enumerate(members):
            image = Image.open(io.BytesIO(opened.read(member))).convert("RGB")
            if image.size != (source.side, source.side):
                image = image.resize((source.side, source.side), Image.Resampling.BILINEAR)
            images[row] = np.asarray(image)
    retinaface, yunet = RetinaFace(DOUBT), YuNet(DOUBT)
    low, scale = (CANVAS - source.shown) // 2, source.side / source.shown
    rows = []
    for start in range(0, len(members), batch):
        shown = np.stack([_shown(p, source.shown) for p in images[start : start + batch]])
        for row, (a, b) in enumerate(zip(retinaface(shown), yunet(shown), strict=True), start):
            faces = agree(a, b)
            faces[:, 1:15] = (faces[:, 1:15] - low) * scale
            rows.append(np.concatenate([np.full((len(faces), 1), row, np.float32), faces], 1))
    np.save(_folder() / f"{source.name}.faces.npy", np.concatenate(rows))
    (_folder() / f"{source.name}.names").write_text("\n".join(members))
    np.save(_folder() / f"{source.name}.npy", images)
    labels = np.concatenate(rows)
    have = len(np.unique(labels[labels[:, 1] > 0, 0])) / len(members)
    print(
        f"{source.name}: {len(members)} images, {int(labels[:, 1].sum())} faces, "
        f"{int((labels[:, 1] == 0).sum())} doubtful, a face in {have:.2%}",
        flush=True,
    )


def load(name: str, held_out: bool) -> Dataset:
    """The training nine tenths of a source, or its held-out tenth."""
    folder = _folder()
    what = f"dataset {name} (make it with: python -m models.training.datasets.faces)"
    images = np.load(require(folder / f"{name}.npy", what), mmap_mode="r")
    labels = np.load(require(folder / f"{name}.faces.npy", what))
    members = (folder / f"{name}.names").read_text().split("\n")
    chosen = [row for row, member in enumerate(members) if is_held_out(member) == held_out]
    ends = np.searchsorted(labels[:, 0], np.arange(len(members) + 1))
    faces = [labels[ends[row] : ends[row + 1], 1:] for row in chosen]
    return Dataset(name, images[chosen], faces)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="*", default=list(SOURCES))
    for name in parser.parse_args().sources:
        build(SOURCES[name])


if __name__ == "__main__":
    main()
