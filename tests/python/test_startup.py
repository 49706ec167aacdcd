"""What a fresh process loads: `import mien` and a first photograph need neither tables' files nor
images of tables.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

import mien

# Inherent are NumPy and pandas, and what pandas itself brings.
HEAVY = {
    *("cv2", "matplotlib", "scipy", "typer", "rich", "av", "PIL", "plotly", "statsmodels"),
    *("sklearn", "pywt", "h5py", "skimage", "onnxruntime", "xml.etree.ElementTree"),
    *("pyarrow.parquet", "pyarrow.csv", "pyarrow.fs"),
}
NOT_FOR_IMAGES = HEAVY - {"PIL"}


def loaded(code: str) -> set[str]:
    """Modules of a fresh process that has run `code`."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_import_is_light():
    assert loaded("import mien") & HEAVY - loaded("import pandas") == set()


def test_a_first_photograph_needs_little_more(tmp_path, portrait):
    from PIL import Image

    path = tmp_path / "face.jpg"
    Image.fromarray(portrait).save(path)
    code = f"import mien\nmien.Engine(device='cpu', threads=1).analyze({str(path)!r})"
    assert loaded(code) & NOT_FOR_IMAGES - loaded("import pandas") == set()


@pytest.mark.parametrize("name", mien.__all__)
def test_every_public_name_is_there(name):
    assert getattr(mien, name) is not None
    assert name in dir(mien)


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'read_everything'"):
        mien.read_everything  # noqa: B018 (asking is the test)
