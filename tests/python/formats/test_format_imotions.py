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


AFFDEX = (
    '#INFO,,,\n#Study name,Gefühle,,\n#iMotions version,"9.3"\n#DATA,,,\n'
    "Row,Timestamp,EventSource,SourceStimuliName,EventSource,SampleNumber,Anger,Joy,Valence,"
    "Brow Furrow,Inner Brow Raise,Smile,Pitch,Yaw,Roll,Gaze X\n"
    "1,10,ET,film,,,,,,,,,,,,5\n"
    "2,40,AFFDEX,film,x,1,1,99,-50,3,6,100,10,20,30,\n"
    "3,73,AFFDEX,film,x,2,2,98,50,3,6,50,10,20,30,\n"
)


class TestAffectivaInIMotions:
    @pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "utf-16"])
    def test_an_export_of_8_to_10(self, tmp_path, encoding):
        (tmp_path / "i.csv").write_text(AFFDEX, encoding=encoding)
        table = mien.read_imotions(tmp_path / "i.csv")
        complete(table)
        assert table["status"].tolist() == ["no_face", "ok", "ok"]
        assert table["frame"].tolist() == [0, 0, 1]
        assert table["time"].tolist() == [0.010, 0.040, 0.073]
        assert table["input"].tolist() == ["film"] * 3
        assert table["happiness"].tolist()[1:] == [0.99, 0.98]
        assert table["valence"].tolist()[1:] == [-0.5, 0.5]
        units = ["AU01", "AU04", "AU12"]
        assert table.loc[1, units].tolist() == pytest.approx([0.06, 0.03, 1.0])
        assert np.degrees(table["Yaw"].iloc[1]) == pytest.approx(20)
        assert table["Yaw_raw"].iloc[1] == 20
        assert table["EventSource"].tolist() == ["ET", "AFFDEX", "AFFDEX"]
        assert table["EventSource.1"].tolist()[1:] == ["x", "x"]
        assert table["Joy"].iloc[1] == 99
        assert table.provenance["inputs"][0]["header"]["Study name"] == "Gefühle"
        assert table.provenance["format"] == "iMotions 9.3"
        assert any("commas" in note for note in table.provenance["conversions"])
