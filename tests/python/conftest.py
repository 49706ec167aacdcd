"""Fixtures: the engine, tables made by hand, and media that lie beside the repository."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import mien
from mien import schema
from mien.table import table_from_arrays

ROOT = Path(__file__).parents[2]
REQUIRED = os.environ.get("MIEN_REQUIRE_DATA") == "1"


def pytest_report_header() -> list[str]:
    import pandas as pd

    from mien import _core

    decoder = _core.video_decoder_version() or "PyAV"
    return [
        f"mien {mien.__version__}, decoder {decoder}, pandas {pd.__version__}, numpy {np.__version__}"
    ]


def data_folder() -> Path:
    return Path(os.environ.get("MIEN_DATA", ROOT.parent / "shared" / "data"))


def test_media(name: str) -> Path:
    """A file of the test media; skips where they aren't there, unless MIEN_REQUIRE_DATA=1."""
    path = data_folder() / "pyfeat" / name
    if not path.exists():
        reason = f"test media not there: {path} (set MIEN_DATA)"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    return path


test_media.__test__ = False  # a helper, whatever its name


@pytest.fixture(name="media")
def media_fixture():
    return test_media


@pytest.fixture(scope="session")
def engine() -> mien.Engine:
    """The default pack on the CPU, two threads."""
    return mien.Engine(device="cpu", threads=2)


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    """A photograph with one large smiling face, (512, 512, 3) RGB; scikit-image brings it."""
    from mien.demo import portrait

    return portrait()


UNITS = ("AU01", "AU04", "AU12", "AU25", "AU12_L", "AU12_R")


def engine_columns() -> list[str]:
    """Columns an engine with a full pack gives, in its order."""
    names = schema.standard_columns()[len(schema.INDEX_COLUMNS) :]
    at = names.index("anger")
    return [*names[:at], *UNITS, *names[at:]]


class Rows:
    """Rows as the core hands them out, made up: frame i holds i % 3 faces."""

    def __init__(self, frames: int, seed: int = 0) -> None:
        rows = [(i, face) for i in range(frames) for face in (range(i % 3) if i % 3 else [-1])]
        self.frame = np.array([i for i, _ in rows], np.int64)
        self.face = np.array([face for _, face in rows], np.int32)
        self.time = self.frame / 29.97
        self.track = self.face.copy()
        self.status = np.where(self.face < 0, 1, 0).astype(np.uint8)
        rng = np.random.default_rng(seed)
        self.values = rng.normal(size=(len(rows), len(engine_columns()))).astype(np.float32)
        self.values[self.face < 0] = np.nan


PROVENANCE = {
    "mien": "0.1.0",
    "created": "2026-01-01T00:00:00+00:00",
    "pack": {
        "name": "made up",
        "version": "1",
        "license": "none",
        "sha256": {"localization": "00"},
    },
    "provider": "cpu",
    "options": {"threads": 2, "score_threshold": 0.5},
    "inputs": [{"input": "clip.mp4", "kind": "video", "fps": 29.97}],
}


def make_table(frames: int = 12, name: str = "clip.mp4", seed: int = 0) -> mien.FaceTable:
    rows = Rows(frames, seed)
    provenance = {**PROVENANCE, "inputs": [{**PROVENANCE["inputs"][0], "input": name}]}
    return table_from_arrays([([name] * len(rows.frame), rows)], engine_columns(), provenance)


@pytest.fixture
def table() -> mien.FaceTable:
    """Twelve frames with none, one or two faces."""
    return make_table()
