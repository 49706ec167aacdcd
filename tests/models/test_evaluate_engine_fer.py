"""FER2013 through the engine: how images are shown, and how the engine's table is judged."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("cv2", reason="images need OpenCV")
pytest.importorskip("mien.metrics", reason="mien is not installed")

from mien.schema import EMOTIONS
from models.training.evaluate.engine_fer import (
    GREY,
    PRESENTATIONS,
    Presentation,
    expression_metrics,
    largest_faces,
)


def test_an_image_is_enlarged_and_laid_on_grey():
    image = np.full((48, 48, 3), 200, np.uint8)
    shown = Presentation(4, 0.25)(image)
    assert shown.shape == (288, 288, 3)
    assert (shown[:48] == GREY).all()
    assert (shown[:, -48:] == GREY).all()
    assert (shown[48:240, 48:240] == 200).all()
    assert Presentation(2, 0.0)(image).shape == (96, 96, 3)
    assert PRESENTATIONS["x4"] == Presentation(4, 0.25)


def table(rows: list[dict]) -> pd.DataFrame:
    columns = ["input", "FaceRectWidth", "FaceRectHeight", *EMOTIONS]
    return pd.DataFrame(rows, columns=columns)


def face(index: int, side: float, expression: str) -> dict:
    chances = {name: 0.7 if name == expression else 0.05 for name in EMOTIONS}
    return {"input": str(index), "FaceRectWidth": side, "FaceRectHeight": side, **chances}


def test_the_largest_face_speaks_for_its_image():
    rows = [face(10, 40, "fear"), face(2, 20, "anger"), face(2, 60, "happiness"), {"input": "0"}]
    best = largest_faces(table(rows), 11)
    assert len(best) == 11
    assert best.loc[2, "happiness"] == 0.7
    assert best.loc[10, "fear"] == 0.7
    assert math.isnan(best.loc[0, "fear"])
    assert math.isnan(best.loc[5, "fear"])


def test_an_image_without_a_face_is_a_wrong_answer():
    labels = [*EMOTIONS, "anger"]
    rows = [face(i, 50, label) for i, label in enumerate(labels)]
    rows[1] = {"input": "1"}  # disgust: no face
    rows[2] = face(2, 50, "surprise")  # fear: mistaken
    metrics = expression_metrics(largest_faces(table(rows), 8), np.array(labels))
    assert metrics["not_found"] == pytest.approx(1 / 8)
    assert metrics["accuracy"] == pytest.approx(6 / 8)
    assert metrics["accuracy_where_found"] == pytest.approx(6 / 7)
    assert metrics["recall"]["disgust"] == metrics["recall"]["fear"] == 0
    assert metrics["uar"] == pytest.approx(5 / 7)
