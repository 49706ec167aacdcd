"""Metrics of actions moved onto photographs, and such a photograph read by the teacher."""

from __future__ import annotations

import os
import zipfile

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training parts need torch")
pytest.importorskip("cv2", reason="datasets need OpenCV")

from models.training.datasets import paths
from models.training.datasets.mesh_geometry import rotations
from models.training.datasets.moved_actions import mouth
from models.training.datasets.moved_actions.mesh_points import LEFT_LIDS, RIGHT_LIDS
from models.training.datasets.moved_actions.photograph import move
from models.training.datasets.moved_actions.pose import Action, Face, moved_points
from models.training.datasets.moved_actions.unit_shapes import UnitShapes, load
from models.training.datasets.moved_actions.units import UNITS
from models.training.evaluate.intervention_metrics import (
    Doses,
    spearman,
    summary,
    unit_metrics,
)
from models.training.networks.behaviour import ACTION_UNITS

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
SPREAD = np.full(len(ACTION_UNITS), 0.2)


def column(name: str) -> int:
    return ACTION_UNITS.index(name)


def smiles(slope: float = 0.4, brow: float = 0.0, leak: float = 0.5) -> Doses:
    """Two faces that smile by ``slope``, lower a brow, and smile on the other side by a share."""
    values = np.full((2, 7, len(ACTION_UNITS)), 0.1)
    values[:, :5, column("AU12_L")] += slope * np.array(STRENGTHS)
    values[:, :5, column("AU12_R")] += slope * np.array(STRENGTHS)
    values[:, :5, column("AU04_L")] += brow * np.array(STRENGTHS)
    for row, here, there in ((5, "AU12_L", "AU12_R"), (6, "AU12_R", "AU12_L")):
        values[:, row, column(here)] += slope
        values[:, row, column(there)] += slope * leak
    return Doses("AU12", STRENGTHS, values)


def test_a_column_that_follows_its_unit():
    found = unit_metrics(smiles(), SPREAD)
    assert found["faces"] == 2
    assert found["spearman"] == pytest.approx(1)
    assert found["rise"] == pytest.approx(2)
    assert found["rise_raw"] == pytest.approx(0.4)
    assert found["rises_most"]
    assert found["other_side"] == pytest.approx(0.5)


def test_a_column_that_another_outdoes():
    found = unit_metrics(smiles(slope=0.1, brow=0.4), SPREAD)
    assert found["others"]["AU04"] == pytest.approx(1)
    assert not found["rises_most"]


def test_spearman_with_ties_and_of_what_never_moves():
    assert spearman((0, 1, 2, 3), np.array([0.1, 0.1, 0.2, 0.3])) == pytest.approx(0.9487, abs=1e-4)
    assert spearman((0, 1, 2), np.array([0.3, 0.2, 0.1])) == pytest.approx(-1)
    assert spearman((0, 1, 2), np.full(3, 0.5)) == 0


def test_the_summary_sets_a_pack_beside_mediapipe():
    pack, other = unit_metrics(smiles(0.3, brow=0.04), SPREAD), unit_metrics(smiles(0.6), SPREAD)
    rows = summary({"AU12": {"pack": pack, "mediapipe": other}})
    assert rows["rise_over_mediapipe"] == pytest.approx({"AU12": 0.5})
    assert (rows["rise_enough"], rows["rise_comparable"]) == (0, 1)
    assert rows["pack"]["follow"] == rows["pack"]["rise_most"] == 1
    assert rows["smile"]["AU04"] == pytest.approx(0.1)


def lids_shapes() -> UnitShapes:
    """A mesh whose upper lids stand one tenth over the lower ones, and a closing by more."""
    rest = np.random.default_rng(0).normal(0, 0.3, (478, 3))
    move_up = np.zeros((478, 3))
    for (upper, lower), x in ((RIGHT_LIDS, -0.5), (LEFT_LIDS, 0.5)):
        for i, (high, low) in enumerate(zip(upper, lower, strict=True)):
            rest[low] = rest[high] = (x + 0.04 * (i - 4), 0, 0)
            if high != low:
                rest[high, 1] = 0.1
                move_up[high, 1] = -0.15
    blank = np.zeros((256, 256, 3))
    return UnitShapes({"AU43": move_up}, rest, np.zeros((478, 2)), blank, {"AU43": blank})


def test_lids_close_and_go_no_further():
    shapes = lids_shapes()
    points = shapes.rest * (100, -100, -100) + 100
    face = Face(np.zeros((200, 200, 3), np.uint8), points, np.eye(3))
    closed = moved_points(face, Action("AU43", "left", 1.0), shapes)
    for upper, lower in zip(*LEFT_LIDS, strict=True):
        assert closed[upper, :2] == pytest.approx(closed[lower, :2], abs=1e-6)
    right = list(RIGHT_LIDS[0])
    assert closed[right] == pytest.approx(points[right], abs=0.1)
    assert moved_points(face, Action("AU43", "left", 0.0), shapes) == pytest.approx(points)


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """The teacher, and a frontal face of LFW as it reads it; shapes are made anew."""
    reason = ""
    try:
        import mediapipe  # noqa: F401

        archive = zipfile.ZipFile(paths.data_dir() / "lfw.zip")
        bundle = paths.model_dir() / "face_landmarker.task"
        paths.require(paths.data_dir() / "facs3d" / "facs3d.zip", "shapes")
    except (ImportError, FileNotFoundError) as error:
        reason = f"photographs, shapes or teacher: {error}"
    if reason:
        pytest.fail(reason) if os.environ.get("MIEN_REQUIRE_DATA") == "1" else pytest.skip(reason)
    from models.training.datasets.teacher_mesh import Teacher, decode

    image = decode(archive.read("Aaron_Eckhart/Aaron_Eckhart_0001.jpg"))
    load.cache_clear()
    with pytest.MonkeyPatch.context() as patch, Teacher(bundle) as teacher:
        patch.setenv("MIEN_CACHE", str(tmp_path_factory.mktemp("cache")))
        points, _, matrix = teacher(image)
        face = Face(image, points.astype(float), rotations(matrix[None])[0])
        yield teacher, face


def test_a_photograph_opens_its_mouth_and_no_strength_changes_nothing(seen):
    teacher, face = seen
    assert (move(face, Action("AU26", "both", 0.0)) == face.image).all()
    gaps = []
    for strength in (0.0, 0.5, 1.0):
        answer = teacher(move(face, Action("AU26", "both", strength)))
        gaps.append(mouth.gap(answer[0]))
    assert gaps[0] + 0.1 < gaps[1] < gaps[2] - 0.1


def test_one_side_of_a_photograph_stays_as_it_was(seen):
    _, face = seen
    changed = move(face, Action("AU12", "left", 1.0)).astype(int)
    by_pixel = np.abs(changed - face.image).mean(2)
    middle = round(face.points[1, 0])
    assert by_pixel[:, : middle - 25].max() < 3
    assert by_pixel[:, middle:].max() > 30


def test_every_unit_has_a_shape_as_even_as_the_face(seen):  # noqa: ARG001
    shapes = load()
    assert set(shapes.moves) == set(UNITS)
    for unit, moved in shapes.moves.items():
        assert 0.05 < np.abs(moved).max() < 0.7, unit
        left, right = (moved[shapes.rest[:, 0] * s > 0.05] for s in (1, -1))
        assert np.abs(left).sum() == pytest.approx(np.abs(right).sum(), rel=0.1), unit
