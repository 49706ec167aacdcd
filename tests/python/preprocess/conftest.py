"""Fixtures: tables of clips."""

from __future__ import annotations

import pytest
from preprocess_tables import make_clips

from mien import FaceTable


@pytest.fixture
def clips() -> FaceTable:
    """Three clips of 120 rows at 30 Hz, grouped by clip."""
    return make_clips().set_sessions("input")


@pytest.fixture
def whole() -> FaceTable:
    """The same without sessions, every row with a face."""
    return make_clips(rows=360, clips=1, missing=False)
