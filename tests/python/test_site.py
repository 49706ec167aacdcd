"""The documents' site: it builds without a warning, and no public name is missing from its
inventory.
"""

from __future__ import annotations

import importlib
import inspect
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import mien

ROOT = Path(__file__).resolve().parents[2]
MODULES = (
    "mien",
    "mien.batch",
    "mien.benchmark",
    "mien.cli",
    "mien.demo",
    "mien.errors",
    "mien.facs",
    "mien.formats.bids",
    "mien.formats.data_dictionary",
    "mien.formats.dispatch",
    "mien.formats.feat",
    "mien.formats.hdf",
    "mien.formats.openface",
    "mien.formats.tables",
    "mien.info",
    "mien.media.images",
    "mien.media.kinds",
    "mien.metrics",
    "mien.packs",
    "mien.plot",
    "mien.plot.interactive",
    "mien.preprocess",
    "mien.schema",
    "mien.stats",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site that MIEN_SITE names, or one built here, the tutorial's cells not run."""
    built = os.environ.get("MIEN_SITE")
    if built:
        return Path(built)
    pytest.importorskip("myst_nb", reason="needs pip install '.[docs]'")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going"]
    command += ["-D", "nb_execution_mode=off", str(ROOT / "docs"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def entries(site: Path) -> set[str]:
    """Python's names in the site's objects.inv: four lines in plain text, then "name kind priority
    ..." by zlib.
    """
    *_, packed = (site / "objects.inv").read_bytes().split(b"\n", 4)
    lines = [line.split(maxsplit=2) for line in zlib.decompress(packed).decode().splitlines()]
    return {name for name, kind, _ in lines if kind.startswith("py:")}


def public_names() -> Iterator[str]:
    """Names in `__all__`, and what classes among them offer; of readers and preprocessing, what
    `mien` itself hasn't.
    """
    for name in MODULES:
        module = importlib.import_module(name)
        for public in module.__all__:
            if name.startswith(("mien.formats.", "mien.preprocess")) and public in mien.__all__:
                continue
            yield f"{name}.{public}"
            found = getattr(module, public)
            if inspect.isclass(found):
                yield from (f"{name}.{public}.{member}" for member in own_members(found))


def own_members(cls: type) -> Iterator[str]:
    """Methods and properties that mien wrote, not pandas, NumPy or Python."""
    for base in cls.__mro__:
        if base.__module__.startswith("mien."):
            for name in vars(base):
                member = getattr(base, name)  # a method from another module is loaded only now
                wanted = inspect.isroutine(member) or isinstance(member, property)
                if wanted and not name.startswith("_"):
                    yield name


def test_no_public_name_is_missing(entries: set[str]) -> None:
    assert sorted(set(public_names()) - entries) == []


def test_names_are_looked_for_where_they_are() -> None:
    names = set(public_names())
    assert {"mien.Engine.analyze", "mien.FaceTable.events", "mien.FaceTable.aus"} <= names
    assert {"mien.facs.BASIC", "mien.formats.feat.write_feat", "mien.packs.load_pack"} <= names
    assert "mien.FaceTable.groupby" not in names  # pandas' own


def test_a_missing_name_is_found(entries: set[str]) -> None:
    assert "mien.facs.events" in entries
    assert "mien.facs.no_such_name" not in entries


def test_pandas_own_methods_stay_out(entries: set[str]) -> None:
    assert not {"mien.FaceTable.groupby", "mien.FaceTable.loc", "mien.FaceSeries.sum"} & entries


def test_every_page_is_on_the_site(site: Path) -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "docs").rglob("*.ipynb")]
    assert len(pages) > 10
    for page in pages:
        assert (site / page.relative_to(ROOT / "docs").with_suffix(".html")).exists(), page
