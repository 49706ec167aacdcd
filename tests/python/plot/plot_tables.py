"""Tables to draw, made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
from synthetic_tables import make_table

from mien import FaceTable
from mien.plot import face_model

SIZE = (300, 400)  # height, width


def smiling() -> FaceTable:
    """Faces of 200 pixels, upright, smiling, looking up and to their right."""
    table = make_table()
    faces = table.status == "ok"
    table.loc[faces, ["FrameHeight", "FrameWidth"]] = SIZE
    points = face_model().landmarks({"AU12": 1}) * 60 + [200, 110]
    table.loc[faces, list(table.landmarks_x)] = points[:, 0].astype("f4")
    table.loc[faces, list(table.landmarks_y)] = points[:, 1].astype("f4")
    table.loc[faces, ["FaceRectX", "FaceRectY"]] = 100.0
    table.loc[faces, ["FaceRectWidth", "FaceRectHeight"]] = 200.0
    table.loc[faces, ["Pitch", "Roll", "Yaw"]] = 0.0
    table.loc[faces, ["gaze_pitch", "gaze_yaw"]] = np.array([0.2, 0.5], "f4")
    table.loc[faces, list(table.aus)] = 0.0
    table.loc[faces, ["AU12", "AU12_L", "AU12_R"]] = np.array([0.7, 0.9, 0.5], "f4")
    return table


def rows(frames, track, x=100.0, yaw=0.0) -> pd.DataFrame:
    """A face 60 pixels wide in these frames, ten a second."""
    return pd.DataFrame(
        {
            "input": "a.mp4",
            "frame": frames,
            "time": np.asarray(frames) / 10,
            "face": 0,
            "track": track,
            "status": "ok",
            "FaceRectX": x,
            "FaceRectY": 50.0,
            "FaceRectWidth": 60.0,
            "FaceRectHeight": 80.0,
            "FaceScore": 0.9,
            "Pitch": 0.0,
            "Roll": 0.1,
            "Yaw": yaw,
            "FrameHeight": 240,
            "FrameWidth": 320,
        }
    )


def interrupted() -> FaceTable:
    """Track 0 for 4 s, nobody for 0.5 s, then track 1 at the same place; track 2 elsewhere,
    briefly; one frame damaged.
    """
    empty = pd.DataFrame({"input": "a.mp4", "frame": [40, 41, 42, 43, 44], "status": "no_face"})
    empty["time"] = empty["frame"] / 10
    empty.loc[4, "status"] = "decode_error"
    parts = [
        rows(range(40), 0),
        empty,
        rows(range(45, 100), 1, x=105.0, yaw=0.7),
        rows(range(60, 65), 2, x=250.0),
    ]
    return FaceTable(pd.concat(parts, ignore_index=True).sort_values("frame", kind="stable"))
