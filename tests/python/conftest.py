"""Fixtures: the engine, tables made by hand, and media that lie beside the repository."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from synthetic_tables import make_table

import mien

ROOT = Path(__file__).parents[2]
REQUIRED = os.environ.get("MIEN_REQUIRE_DATA") == "1"


def pytest_report_header() -> list[str]:
    import pandas as pd

    from mien import _core

    decoder = _core.video_decoder_version() or "PyAV"
    return [
        f"mien {mien.__version__}, decoder {decoder}",
        f"pandas {pd.__version__}, numpy {np.__version__}",
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


@pytest.fixture(name="media", scope="session")
def media_fixture():
    return test_media


@pytest.fixture(scope="session")
def engine() -> mien.Engine:
    """The default pack on the CPU, two threads."""
    return mien.Engine(device="cpu", threads=2)


@pytest.fixture(scope="session")
def cuda_is_emulated() -> bool:
    """Whether the extension was built with MIEN_CUDA=EMULATED: kernels run on the CPU."""
    from mien import _core

    return bool(_core.build_info()["cuda_is_emulated"])


@pytest.fixture(scope="session")
def cuda(cuda_is_emulated: bool) -> str:
    """The device "cuda", where there is one or it is emulated; skips elsewhere, unless
    MIEN_REQUIRE_CUDA=1.
    """
    from mien import _core
    from mien._engine.runtime_library import use_runtime_library

    use_runtime_library()
    if cuda_is_emulated or (_core.cuda_devices() and "cuda" in _core.runtime_info()["providers"]):
        return "cuda"
    reason = "no CUDA device, or no ONNX Runtime that computes on it (pip install onnxruntime-gpu)"
    if os.environ.get("MIEN_REQUIRE_CUDA") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    """A photograph with one large smiling face, (512, 512, 3) RGB; scikit-image brings it."""
    from mien.demo import portrait

    return portrait()


@pytest.fixture
def table() -> mien.FaceTable:
    """Twelve frames with none, one or two faces."""
    return make_table()
