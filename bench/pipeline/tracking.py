"""What tracking costs in quality: faces followed between detections, against detection in every
frame of the same clip.

python -m bench.pipeline.tracking [FILE ...] [--photographs 100] [--interval 4 8 16] [--output
tracking.json]

Besides the files named, clips are made from photographs of LFW (`MIEN_DATA`, where it is there): a
camera that wanders over the image, comes nearer and tilts, smoothly and by chance, with a cut from
one photograph to the next every 48 frames.
"""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

import mien
from bench.clips import data
from bench.machine import machine
from bench.report import report
from mien.metrics import box_iou
from mien.schema import BOX_COLUMNS, EMOTIONS

SHOT = 48  # frames from cut to cut
SIZE = (640, 360)
LANDMARKS = [f"{axis}_{i}" for axis in "xy" for i in range(68)]
SAME = 0.3  # IoU from which on two boxes are one face


def wander(rng: np.random.Generator, frames: int, slowness: float) -> NDArray[np.float64]:
    """A smooth walk with steps of unit variance: noise, averaged over about `slowness` frames."""
    reach = int(4 * slowness)
    window = np.exp(-0.5 * (np.arange(-reach, reach + 1) / slowness) ** 2)
    walk = np.convolve(rng.normal(size=frames + 2 * reach), window, mode="valid")
    return walk / np.sqrt((window**2).sum())


def shot(image: NDArray[np.uint8], rng: np.random.Generator) -> Iterator[NDArray[np.uint8]]:
    """Frames (360, 640, 3) of a camera that wanders over a photograph: up to about 6 pixels a
    frame, 2 degrees, 2 %.
    """
    height, width = image.shape[:2]
    x, y = 40 * wander(rng, SHOT, 9), 25 * wander(rng, SHOT, 9)
    tilt, zoom = 8 * wander(rng, SHOT, 12), np.exp(0.12 * wander(rng, SHOT, 12))
    for i in range(SHOT):
        scale = 1.3 * zoom[i]
        map_ = cv2.getRotationMatrix2D((width / 2, height / 2), tilt[i], scale)
        map_[:, 2] += SIZE[0] / 2 + x[i] - width / 2, SIZE[1] / 2 + y[i] - height / 2
        yield cv2.warpAffine(image, map_, SIZE, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT)


def photographs(archive_path: Path, count: int) -> Iterator[NDArray[np.uint8]]:
    """Images of LFW, drawn by chance, the same every time."""
    with zipfile.ZipFile(archive_path) as archive:
        names = sorted(name for name in archive.namelist() if name.lower().endswith(".jpg"))
        for row in np.random.default_rng(0).permutation(len(names))[:count]:
            data = np.frombuffer(archive.read(names[row]), np.uint8)
            yield cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def made_clip(lfw: Path, count: int) -> NDArray[np.uint8]:
    """(frames, 360, 640, 3): a shot of each photograph."""
    rng = np.random.default_rng(1)
    return np.stack([frame for image in photographs(lfw, count) for frame in shot(image, rng)])


def corners(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Boxes (N, 4) as left, top, right, bottom."""
    x, y, width, height = rows[list(BOX_COLUMNS[:4])].to_numpy(float).T
    return np.stack([x, y, x + width, y + height], axis=1)


def pairs(followed: pd.DataFrame, detected: pd.DataFrame) -> list[tuple[int, int, float]]:
    """Rows of both tables that are the same face of the same frame, and their IoU."""
    found = []
    frames = dict(tuple(followed.groupby("frame")))
    for frame, rows in detected.groupby("frame"):
        if frame not in frames:
            continue
        others = frames[frame]
        iou = box_iou(corners(rows), corners(others))
        while iou.size and iou.max() >= SAME:
            i, j = np.unravel_index(iou.argmax(), iou.shape)
            found.append((others.index[j], rows.index[i], float(iou[i, j])))
            iou[i, :] = iou[:, j] = 0
    return found


def compare(followed: pd.DataFrame, detected: pd.DataFrame) -> dict[str, Any]:
    """Differences of the faces in both, and how many are in one alone."""
    followed = followed[followed.status == "ok"].reset_index(drop=True)
    detected = detected[detected.status == "ok"].reset_index(drop=True)
    same = pairs(followed, detected)
    ours = followed.loc[[i for i, _, _ in same]]
    theirs = detected.loc[[j for _, j, _ in same]]
    iou = np.array([v for _, _, v in same])
    side = np.sqrt(theirs.FaceRectWidth.to_numpy() * theirs.FaceRectHeight.to_numpy())
    points = (ours[LANDMARKS].to_numpy() - theirs[LANDMARKS].to_numpy()).reshape(-1, 2, 68)
    apart = np.hypot(points[:, 0], points[:, 1]).mean(axis=1) / side
    units = [name for name in ours if name.startswith("AU") and len(name) == 4]
    guess = [table[list(EMOTIONS)].to_numpy().argmax(axis=1) for table in (ours, theirs)]
    return {
        "faces_detected": len(detected),
        "lost_or_late": round(1 - len(same) / len(detected), 5),
        "kept_beyond": round(1 - len(same) / len(followed), 5),
        "iou_mean": round(float(iou.mean()), 4),
        "iou_p05": round(float(np.quantile(iou, 0.05)), 4),
        "landmarks_in_box_sides": round(float(apart.mean()), 5),
        "units_mean_difference": round(
            float(np.abs(ours[units].to_numpy() - theirs[units].to_numpy()).mean()), 4
        ),
        "same_expression": round(float((guess[0] == guess[1]).mean()), 4),
    }


def jitter(table: pd.DataFrame) -> dict[str, float]:
    """Mean change of action units, and of landmarks in box sides, from a frame to the next of the
    same track.
    """
    units = [name for name in table if name.startswith("AU") and len(name) == 4]
    faces = table[table.status == "ok"].sort_values(["track", "frame"])
    follows = (faces.track.diff() == 0) & (faces.frame.diff() == 1)
    side = np.sqrt(faces.FaceRectWidth * faces.FaceRectHeight)
    moved = faces[LANDMARKS].diff().abs().mean(axis=1) / side
    return {
        "units": round(float(faces[units].diff().abs().mean(axis=1)[follows].mean()), 5),
        "landmarks": round(float(moved[follows].mean()), 5),
    }


def run(source: Any, intervals: list[int]) -> dict[str, Any]:
    """Every interval against detection in every frame, of one clip."""
    fps = 30 if isinstance(source, np.ndarray) else None
    detected = mien.Engine(device="cpu").analyze(source, detect="every", fps=fps)
    result: dict[str, Any] = {"jitter": {"every": jitter(detected)}}
    for interval in intervals:
        engine = mien.Engine(device="cpu", detect_interval=interval)
        followed = engine.analyze(source, detect="track", fps=fps)
        result[f"interval {interval}"] = compare(followed, detected)
        result["jitter"][f"interval {interval}"] = jitter(followed)
    return result


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--photographs", type=int, default=100, help="of LFW; 0 for none")
    parser.add_argument("--interval", type=int, nargs="+", default=[4, 8, 16])
    parser.add_argument("--output", type=Path)
    args = parser.parse_args()
    clips: dict[str, Any] = {path.name: path for path in args.files}
    if args.photographs and (lfw := data("lfw.zip")):
        clips[f"{args.photographs} photographs of LFW"] = made_clip(lfw, args.photographs)
    results = {name: run(clip, args.interval) for name, clip in clips.items()}
    report({"part": "tracking", "machine": machine(), "clips": results}, args.output)


if __name__ == "__main__":
    main()
