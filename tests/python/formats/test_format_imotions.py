"""iMotions' exports with FACET's values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from format_helpers import complete

import mien


def imotions(path: Path, version: int) -> Path:
    """A tiny export: FACET's rows, and in version 5 an eye tracker's between them."""
    preamble = [
        "#Study : Synthetic",
        "#Date : 20260101",
        f"#Version : {version}.1.0",
        "#TestRunDate :",
        "",
    ]
    common = {"StudyName": "s", "Name": "p1", "Age": 30, "Gender": "MALE", "StimulusName": "film"}
    found = common | {
        "EventSource": "Emotient FACET",
        "FrameNo": 0,
        "FrameTime": 35,
        "NoOfFaces": 1,
        "FaceRect X": 388,
        "FaceRect Y": 258,
        "FaceRect Width": 200,
        "FaceRect Height": 210,
        "Joy Evidence": 1.0,
        "Joy Intensity": 0.5,
        "Confusion Evidence": -1.0,
        "AU1 Evidence": 0.0,
        "AU12 Evidence": -1.0,
        "Yaw Degrees": 10.0,
        "Pitch Degrees": 10.0,
        "Roll Degrees": 10.0,
        "Annotation": "2026-01-01",
        "LiveMarker": "",
    }
    rows = [
        found | {"Timestamp": 35, "MediaTime": 35},
        common | {"EventSource": "ET", "Timestamp": 50} if version == 5 else None,
        found | {"Timestamp": 68, "FrameNo": 1, "NoOfFaces": 0, "FaceRect X": None},
    ]
    order = [
        "StudyName",
        "Name",
        "Age",
        "Gender",
        "StimulusName",
        "EventSource",
        "Timestamp",
        "MediaTime",
    ]
    frame = pd.DataFrame([r for r in rows if r])
    frame = frame[order + [c for c in frame if c not in order]]
    body = frame.to_csv(sep="\t", index=False, lineterminator="\r\n" if version == 5 else "\n")
    ends = "\t" * 40 + "\r\n" if version == 5 else "\n"
    path.write_text(ends.join(preamble) + ends + body, newline="")
    return path


class TestIMotions:
    @pytest.mark.parametrize("version", [5, 6])
    def test_both_versions(self, tmp_path, version):
        table = mien.read_imotions(imotions(tmp_path / "i.txt", version))
        complete(table)
        rows = ["ok", "no_face", "no_face"] if version == 5 else ["ok", "no_face"]
        assert table["status"].tolist() == rows
        assert table["time"].iloc[0] == 0.035
        assert table["input"].tolist() == ["film"] * len(rows)
        assert table["AU01"].iloc[0] == pytest.approx(0.5)
        assert table["AU12"].iloc[0] == pytest.approx(1 / 11)
        assert table["happiness"].iloc[0] == pytest.approx(10 / 11)
        angles = np.degrees(table.loc[0, ["Pitch", "Roll", "Yaw"]].astype(float))
        assert angles.tolist() == pytest.approx([-10, 10, -10])
        kept = {
            "StimulusName",
            "Annotation",
            "Joy Intensity",
            "Confusion Evidence",
            "AU12 Evidence",
        }
        assert kept <= set(table.design)
        assert table["Annotation"].iloc[0] == "2026-01-01"
        header = table.provenance["inputs"][0]["header"]
        assert header["Study"] == "Synthetic"
        assert table.provenance["format"] == f"iMotions {version}.1.0"

    def test_without_a_table(self, tmp_path):
        (tmp_path / "i.txt").write_text("#Study : x\n#Version : 6\n")
        with pytest.raises(mien.InputError, match="empty"):
            mien.read_imotions(tmp_path / "i.txt")
