"""Noldus FaceReader's detailed log."""

from __future__ import annotations

import numpy as np
import pytest
from format_helpers import complete

import mien

HEADER = (
    "Video analysis detailed log\nFace Model:\tGeneral\nFilename: C:\\a.mp4\nFrame rate: 25\n\n"
)
NAMES = (
    *("Video Time", "Neutral", "Happy", "Sad", "Angry", "Surprised", "Scared", "Disgusted"),
    *("Contempt", "Valence", "Arousal", "X - Head Orientation", "Y - Head Orientation"),
    *("Z - Head Orientation", "Action Unit 12 - Lip Corner Puller"),
    *("Action Unit 12 - Lip Corner Puller - Left", "Action Unit 43 - Eyes Closed", "Age"),
)
FOUND = (
    *("00:00:00.040", "0.5", "0.25", *["0.05"] * 6, "-0.5", "0.75", "10", "20", "-30"),
    *("0.4", "0.3", "NotActive", "20 - 30"),
)
LOST = ("00:01:00.000", *["FIND_FAILED"] * 17)
UNFIT = ("00:00:00.080", *["FIT_FAILED"] * 16, "20 - 30")


def log(path, *rows, separator="\t", head=HEADER, comma=False, encoding="utf-8"):
    text = "\n".join(separator.join(row) for row in (NAMES, *rows)) + "\n"
    path.write_text(head + (text.replace(".", ",") if comma else text), encoding=encoding)
    return path


@pytest.mark.parametrize(
    "options",
    [{}, {"separator": ";", "comma": True, "encoding": "utf-16"}, {"encoding": "cp1252"}],
    ids=["tabs", "Excel", "Latin-1"],
)
def test_units_names_and_frames(tmp_path, options):
    head = HEADER.replace("a.mp4", "Müller.mp4")
    path = log(tmp_path / "l.txt", FOUND, UNFIT, LOST, head=head, **options)
    table = mien.read_facereader(path)
    complete(table)
    assert table["status"].tolist() == ["ok", "no_face", "no_face"]
    assert table["time"].tolist() == [0.04, 0.08, 60.0]
    assert table["frame"].tolist() == [1, 2, 1500]
    assert table.loc[0, ["neutral", "happiness", "valence", "arousal"]].tolist() == [
        *(0.5, 0.25, -0.5, 0.75)
    ]
    assert table["AU12"].iloc[0] == 0.4
    assert "AU43" not in table
    assert table["Action Unit 43 - Eyes Closed"].iloc[0] == "NotActive"
    angles = np.degrees(table.loc[0, ["Pitch", "Yaw", "Roll"]].astype(float))
    assert angles.tolist() == pytest.approx([10, 20, -30])
    assert table["failure"].tolist()[1:] == ["FIT_FAILED", "FIND_FAILED"]
    header = table.provenance["inputs"][0]["header"]
    assert header["Frame rate"] == "25"
    assert header["Filename"].endswith("Müller.mp4")


@pytest.mark.parametrize("said", ["sep=;", '"sep=;"'])
def test_a_first_line_that_says_the_separator(tmp_path, said):
    path = log(tmp_path / "l.txt", FOUND, separator=";", head=f"{said}\n{HEADER}")
    assert mien.read_facereader(path)["AU12"].tolist() == [0.4]


def test_without_a_frame_rate_rows_are_counted(tmp_path):
    table = mien.read_facereader(log(tmp_path / "l.txt", FOUND, LOST, head=""))
    assert table["frame"].tolist() == [0, 1]
    again = mien.read_facereader(tmp_path / "l.txt", fps=50)
    assert again["frame"].tolist() == [2, 3000]


@pytest.mark.parametrize("cell", ["soon", "", "1:2:3:4", "9" * 5000 + ":00"])
def test_a_time_that_is_none(tmp_path, cell):
    with pytest.raises(mien.InputError, match="row 1: wanted a Video Time"):
        mien.read_facereader(log(tmp_path / "l.txt", (cell, *FOUND[1:])))


def test_a_state_log_is_refused(tmp_path):
    (tmp_path / "l.txt").write_text("Video analysis state log\n\nVideo Time\tEmotion\n0\tHappy\n")
    with pytest.raises(mien.InputError, match="not a detailed log"):
        mien.read_facereader(tmp_path / "l.txt")


def test_fps(tmp_path):
    with pytest.raises(mien.OptionError, match="fps"):
        mien.read_facereader(tmp_path / "l.txt", fps=float("nan"))
