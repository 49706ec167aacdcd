"""The examples of docs/formats.md run where the page says: a folder with a table and an OpenFace
file.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic_tables import make_table

import mien
from mien.formats.dispatch import FORMATS

PAGE = Path(__file__).parents[3] / "docs/formats.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("code", EXAMPLES, ids=range(len(EXAMPLES)))
def test_example_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_table().save("clip.parquet")
    rows = {"frame": [1, 2], "timestamp": [0.0, 0.04], "confidence": 0.9, "success": 1}
    pd.DataFrame(rows | {"AU12_r": np.array([1.0, 2.0])}).to_csv("openface.csv", index=False)
    exec(compile(code, str(PAGE), "exec"), {"__name__": "__example__"})  # noqa: S102 (our own)


def test_page_names_every_reader_and_format():
    text = PAGE.read_text()
    readers = [name for name in mien.__all__ if name.startswith("read_") and name != "read_frames"]
    assert len(readers) >= 9
    missing = [name for name in (*readers, *FORMATS) if name not in text]
    assert missing == []
