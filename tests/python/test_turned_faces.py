"""Faces turned in the image's plane: found right or flagged, never sure of landmarks that lie
elsewhere.
"""

from __future__ import annotations

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import mien
from mien import plot, schema

ANGLES = range(0, 360, 15)
PHOTOGRAPHS = ("single_face.jpg", "0-f1-su-ph.jpg", "0-f15-hao-ph.jpg")
WRONG = 0.5  # mean distance of the five points from the truth, interocular distances


def turned(rgb: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """The image turned clockwise, on grey, and the (2, 3) matrix that turns points with it."""
    height, width = rgb.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    cosine, sine = np.abs(np.cos(np.radians(degrees))), np.abs(np.sin(np.radians(degrees)))
    size = (
        int(np.ceil(width * cosine + height * sine)),
        int(np.ceil(height * cosine + width * sine)),
    )
    matrix[:, 2] += [(size[0] - width) / 2, (size[1] - height) / 2]
    grey = (114, 114, 114)
    return cv2.warpAffine(rgb, matrix, size, borderValue=grey), matrix


def five_points(row: pd.Series) -> np.ndarray:
    """Eyes, tip of the nose, corners of the mouth, (5, 2), by the landmarks."""
    x, y = (row[[f"{axis}_{i}" for i in range(68)]].to_numpy(float) for axis in "xy")
    points = np.stack([x, y], axis=1)
    return np.array([points[36:42].mean(0), points[42:48].mean(0), *points[[30, 48, 54]]])


def errors(rows: pd.DataFrame, truth: np.ndarray) -> list[float]:
    """How far the points of each row that is sure lie off, interocular distances."""
    size = np.linalg.norm(truth[0] - truth[1])
    sure = rows[rows["status"] == "ok"]
    return [
        np.linalg.norm(five_points(row) - truth, axis=1).mean() / size for _, row in sure.iterrows()
    ]


@pytest.fixture(scope="module")
def photographs(media) -> dict[str, np.ndarray]:
    images = {}
    for name in PHOTOGRAPHS:
        rgb = np.asarray(Image.open(media(name)).convert("RGB"))
        scale = min(1.0, 800 / max(rgb.shape))
        images[name] = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return images


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_every_angle_is_right_or_flagged(engine, photographs, name):
    rgb = photographs[name]
    truth = five_points(engine.analyze(rgb).iloc[0])
    off = {}
    for degrees in ANGLES:
        image, matrix = turned(rgb, degrees)
        wanted = truth @ matrix[:, :2].T + matrix[:, 2]
        table = engine.analyze(image)
        off[degrees] = max(errors(table, wanted), default=0.0)
    wrong = {degrees: round(error, 2) for degrees, error in off.items() if error > WRONG}
    # What the detector scores as an upright face isn't looked at again: cards/detector.md.
    assert len(wrong) <= 1, wrong


def test_upside_down_the_values_are_the_upright_ones(engine, photographs):
    rgb = photographs["single_face.jpg"]
    upright = engine.analyze(rgb).iloc[0]
    table = engine.analyze(np.ascontiguousarray(rgb[::-1, ::-1]))
    assert list(table.status) == ["ok"]
    row = table.iloc[0]
    assert abs(abs(row.Roll - upright.Roll) - np.pi) < 0.15
    assert row.happiness == pytest.approx(upright.happiness, abs=0.15)
    names = table.aus.columns
    difference = np.abs(row[names].to_numpy(float) - upright[names].to_numpy(float))
    assert difference.mean() < 0.05


def test_tracking_of_an_upside_down_video(engine, media):
    frames = [frame.rgb for frame in mien.read_frames(media("single_face.mp4"), end=0.8)]
    upright = engine.analyze(np.stack(frames), fps=25)
    table = engine.analyze(np.stack([frame[::-1, ::-1] for frame in frames]), fps=25)
    assert (table.status == "ok").all()
    height, width = frames[0].shape[:2]
    for (_, row), (_, wanted) in zip(table.iterrows(), upright.iterrows(), strict=True):
        truth = [width - 1, height - 1] - five_points(wanted)
        size = np.linalg.norm(truth[0] - truth[1])
        assert np.linalg.norm(five_points(row) - truth, axis=1).mean() / size < WRONG


def test_upright_faces_are_not_flagged(engine, photographs, media):
    tables = [engine.analyze(rgb) for rgb in photographs.values()]
    tables += [engine.analyze(media(name)) for name in ("single_face.mp4", "face_noface.mov")]
    status = pd.concat([pd.DataFrame(table) for table in tables])["status"]
    assert (status == "low_quality").mean() < 0.005


class TestFlaggedRows:
    """What becomes of the status low_quality behind the engine."""

    @pytest.fixture
    def table(self) -> mien.FaceTable:
        rows = 40
        time = np.arange(rows) / 10
        status = pd.Categorical(["ok"] * rows, list(schema.STATUSES))
        table = mien.FaceTable(
            {
                "input": "a.mp4", "frame": np.arange(rows), "time": time, "face": 0, "track": 0,
                "status": status, "FaceRectX": 10.0, "FaceRectY": 10.0, "FaceRectWidth": 90.0,
                "FaceRectHeight": 90.0, "FaceScore": 0.9, "AU12": np.sin(time),
            }
        )  # fmt: skip
        table.loc[10, "status"] = "low_quality"
        table.loc[10, "AU12"] = 50.0
        return table

    def test_they_count_as_missing_in_cleaning(self, table):
        alone = table.clean(detrend=False)
        assert np.isnan(alone["AU12"][10])
        dropped = table.drop(10).clean(detrend=False)
        pd.testing.assert_series_equal(alone["AU12"].drop(10), dropped["AU12"])
        assert alone["status"][10] == "low_quality"

    def test_what_filled_them_is_kept(self, table):
        filled = table.fill_gaps(limit=1.0)
        assert filled["AU12"][10] == pytest.approx(np.sin([0.9, 1.1]).mean(), abs=1e-6)
        assert not filled.clean()["AU12"].isna().any()

    def test_they_count_in_no_summary(self, table):
        assert table.extract_max()["max_AU12"].iloc[0] < 1.01

    def test_quality_counts_them_apart(self, table):
        measures = plot.quality(table).iloc[0]
        assert measures["coverage"] == pytest.approx(39 / 40)
        assert measures["flagged"] == pytest.approx(1 / 40)

    @pytest.mark.parametrize("suffix", ["parquet", "csv"])
    def test_files_keep_it(self, table, tmp_path, suffix):
        path = tmp_path / f"table.{suffix}"
        table.save(path)
        again = mien.read_table(path)
        assert list(again["status"]) == list(table["status"])
        assert again["AU12"][10] == 50
