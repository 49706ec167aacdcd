"""BLENDSHAPES.md says what the labels are made of."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the network's file needs torch")
pytest.importorskip("cv2", reason="labels need OpenCV")

import numpy as np

from models.training.datasets import blendshapes, mesh_geometry, teacher_mesh, unit_signals
from models.training.networks.behaviour import ACTION_UNITS


def test_document_is_up_to_date():
    text = blendshapes.DOCUMENT.read_text()
    assert text == blendshapes.document(text), "run python -m models.training.datasets.blendshapes"


def test_each_unit_has_a_row():
    rows = [line for line in blendshapes.table().splitlines() if line.startswith("| AU")]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == blendshapes.bases()
    assert len(rows) == 22
    assert all("nothing" in row for row in rows if row.split()[1] in unit_signals.UNSEEN)


def test_geometry_is_what_the_labels_take_from_the_mesh():
    random = np.random.default_rng(0)
    made = mesh_geometry.geometry_units(random.normal(size=(2, teacher_mesh.POINTS, 3)))
    assert {name.partition("_")[0] for name in made} == set(blendshapes.GEOMETRY)


def test_signals_and_shares_are_of_known_units():
    for unit, names in unit_signals.UNIT_BLENDSHAPES.items():
        for side in ("Left", "Right"):
            assert {n.format(side) for n in names} <= set(teacher_mesh.BLENDSHAPES), unit
    assert set(blendshapes.MEASURED) | set(unit_signals.EVIDENCE) <= set(blendshapes.bases())
    assert {u for u in ACTION_UNITS if u.endswith("_L")} == {
        u.replace("_R", "_L") for u in ACTION_UNITS if u.endswith("_R")
    }
