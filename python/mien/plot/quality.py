"""Quality of the recording of each clip: coverage, tracks, pose, size, sharpness."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.table import FaceTable

__all__ = ["quality", "sharpness"]


TURNED = np.deg2rad(30)
"""Heads turned or nodding farther count as turned: one side of the face is hidden."""
SHORT = 1.0
"""Tracks shorter than this many seconds are counted as short."""
SWITCH_GAP, SWITCH_OVERLAP = 1.0, 0.3
CROP = 112
_BOX = ["FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight"]


def quality(table: FaceTable) -> pd.DataFrame:
    """Measures of recording quality, one row for each input.

    Parameters
    ----------
    table : FaceTable
        As an engine made it: with `input`, `frame`, `time`, `track`, `status` and boxes; poses are
        optional.

    Returns
    -------
    pandas.DataFrame
        - `input`; `frames` in the table; `seconds` from the first to the last;
        - `coverage`: share of the frames that have a face with the status ``ok``; `longest_gap`
          without one, s; `undecoded` frames; `flagged`: share of the faces with the status
          ``low_quality``, which count in no other measure;
        - `faces`: most in a frame; `tracks`; `short_tracks` of less than 1 s;
        - `switches`: times that a track ends and within 1 s another begins where it was
          (intersection over union of the boxes at least 0.3): most often one person under two
          numbers;
        - `score`: median FaceScore; `width`, `width_low`: median and 5th percentile of the boxes'
          width, pixels;
        - `pitch_low`, `pitch_high`, and so for `roll` and `yaw`: 5th and 95th percentile, rad;
          `turned`: share of the faces with a yaw or pitch beyond 30 degrees.

    Raises
    ------
    InputError
        A column that isn't there.
    """
    needed = ["input", "frame", "time", "track", "status", "FaceScore", *_BOX]
    if absent := [name for name in needed if name not in table]:
        raise InputError(f"quality needs the columns {', '.join(absent)}, which the table lacks")
    plain = pd.DataFrame(table)
    rows = [{"input": name, **_measures(clip)} for name, clip in plain.groupby("input", sort=False)]
    table_of_measures: pd.DataFrame = pd.DataFrame(rows)
    return table_of_measures


def _measures(clip: pd.DataFrame) -> dict[str, float | int]:
    faces = clip[clip["status"] == "ok"]
    flagged = int((clip["status"] == "low_quality").sum())
    frames = clip.groupby("frame")["time"].first()
    has_face = frames.index.isin(faces["frame"])
    spans = faces.groupby("track")["time"].agg(["min", "max"])
    width = faces["FaceRectWidth"]
    return {
        "frames": len(frames),
        "seconds": float(frames.max() - frames.min()) if len(frames) else 0.0,
        "coverage": float(has_face.mean()) if len(frames) else np.nan,
        "longest_gap": _longest_gap(frames.to_numpy(float), has_face),
        "undecoded": int((clip["status"] == "decode_error").sum()),
        "flagged": flagged / (flagged + len(faces)) if flagged + len(faces) else np.nan,
        "faces": int(faces.groupby("frame").size().max()) if len(faces) else 0,
        "tracks": len(spans),
        "short_tracks": int((spans["max"] - spans["min"] < SHORT).sum()),
        "switches": len(switches(clip)),
        "score": float(faces["FaceScore"].median()),
        "width": float(width.median()),
        "width_low": float(width.quantile(0.05)),
        **_pose(faces),
    }


def _pose(faces: pd.DataFrame) -> dict[str, float]:
    if not {"Pitch", "Roll", "Yaw"} <= set(faces.columns):
        return {}
    out: dict[str, float] = {}
    for name in ("Pitch", "Roll", "Yaw"):
        low, high = faces[name].quantile([0.05, 0.95])
        out |= {f"{name.lower()}_low": float(low), f"{name.lower()}_high": float(high)}
    turned = (faces[["Pitch", "Yaw"]].abs() > TURNED).any(axis=1)
    return {**out, "turned": float(turned.mean()) if len(faces) else np.nan}


def _longest_gap(time: NDArray[np.float64], has_face: NDArray[np.bool_]) -> float:
    """Length in s of the longest run of frames without a face.

    A run ends at the next frame with a face, or else at the last frame.
    """
    starts = np.flatnonzero(~has_face & np.r_[True, has_face[:-1]])
    ends = np.flatnonzero(np.r_[has_face[1:] & ~has_face[:-1], False]) + 1
    if len(ends) < len(starts):
        ends = np.r_[ends, len(time) - 1]
    return float((time[ends] - time[starts]).max()) if len(starts) else 0.0


def switches(clip: pd.DataFrame) -> pd.DataFrame:
    """Times (`time`, s) at which a track of one clip seems to continue as another.

    The columns `before` and `after` have the numbers of the two tracks.
    """
    faces = clip[(clip["status"] == "ok") & clip["track"].notna()].sort_values("time")
    first, last = (faces.groupby("track").nth(i).set_index("track") for i in (0, -1))
    rows = []
    for before, end in last.iterrows():
        wait = first["time"] - end["time"]
        near = first[(wait > 0) & (wait <= SWITCH_GAP)]
        overlaps = [_overlap(end[_BOX], start[_BOX]) for _, start in near.iterrows()]
        if overlaps and max(overlaps) >= SWITCH_OVERLAP:
            after = near.index[int(np.argmax(overlaps))]
            rows.append((float(near.loc[after, "time"]), before, after))
    table: pd.DataFrame = pd.DataFrame(rows, columns=["time", "before", "after"])
    return table


def _overlap(a: pd.Series, b: pd.Series) -> float:
    """Intersection over union of two boxes."""
    from mien.metrics import box_iou

    boxes = [np.array([[x, y, x + w, y + h]], float) for x, y, w, h in (a.to_numpy(), b.to_numpy())]
    return float(box_iou(*boxes)[0, 0])


def sharpness(table: FaceTable, samples: int = 24) -> pd.DataFrame:
    """Sharpness of faces, measured on some frames of each input, read again from its file.

    The measure is the variance of the Laplacian (Pech-Pacheco et al. 2000) of the grey box, scaled
    to 112 by 112 pixels as the networks see it, so that faces of any size can be compared. It
    depends on light and noise too: compare clips of one kind.

    Parameters
    ----------
    table : FaceTable
        Of files that are still at the path in `input`.
    samples : int
        Frames with a face to measure in each input, spread evenly.

    Returns
    -------
    pandas.DataFrame
        `input`, `frame`, `time`, `track`, `sharpness` (grey levels squared), a row for each face
        measured.

    Raises
    ------
    InputError
        A file that isn't there or a frame that can't be decoded.
    OptionError
        `samples` below 1.
    """
    if samples < 1:
        raise OptionError(f"samples: wanted at least 1, got {samples}")
    rows = []
    faces = pd.DataFrame(table[table["status"] == "ok"])
    for name, clip in faces.groupby("input", sort=False):
        for (index, time), frame in _sampled(clip, samples):
            image = _read(str(name), index, time)
            for _, face in frame.iterrows():
                value = _laplacian(image, face[_BOX].to_numpy(float))
                rows.append((name, index, time, face["track"], value))
    columns = ["input", "frame", "time", "track", "sharpness"]
    measured: pd.DataFrame = pd.DataFrame(rows, columns=columns)
    return measured


def _sampled(clip: pd.DataFrame, samples: int) -> list[tuple[tuple[int, float], pd.DataFrame]]:
    frames = clip["frame"].unique()
    chosen = frames[np.unique(np.linspace(0, len(frames) - 1, samples).round().astype(int))]
    parts = clip[clip["frame"].isin(chosen)].groupby("frame", sort=True)
    return [((int(part["frame"].iloc[0]), float(part["time"].iloc[0])), part) for _, part in parts]


def _read(name: str, index: int, time: float) -> NDArray[np.uint8]:
    from mien.plot._frames import load_frame

    return load_frame(None, str(Path(name)), index, time)


def _laplacian(image: NDArray[np.uint8], box: NDArray[np.float64]) -> float:
    """Variance of the Laplacian of the box, NaN for one that lies outside the image."""
    import cv2

    left, top = np.maximum(np.floor(box[:2]), 0).astype(int)
    right, bottom = np.ceil(box[:2] + box[2:]).astype(int)
    part = image[top : max(bottom, 0), left : max(right, 0)]
    if part.size == 0:
        return float("nan")
    grey = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY)
    scaled = cv2.resize(grey, (CROP, CROP), interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(scaled, cv2.CV_64F).var())
