"""A module of mien without a leading underscore is documented; all others have one."""

from __future__ import annotations

import pkgutil
import re
from pathlib import Path

import pytest

import mien

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
# Modules, or packages with modules, that neither page names nor underscore marks yet.
UNDOCUMENTED = (
    "mien.batch",
    "mien.benchmark",
    "mien.cli",
    "mien.demo",
    "mien.engine",
    "mien.facs",
    "mien.info",
    "mien.media.packet_loss",
    "mien.media.planes",
    "mien.media.pyav",
    "mien.methods",
    "mien.preprocess",
    "mien.stats",
    "mien.table",
)


def documented() -> set[str]:
    """Modules that a page of the reference names."""
    pages = "\n".join(page.read_text() for page in sorted(REFERENCE.glob("*.rst")))
    return set(re.findall(r"^\.\. automodule:: (mien[\w.]*)$", pages, re.MULTILINE))


def public() -> set[str]:
    """Modules whose name has no leading underscore in any part."""
    names = {module.name for module in pkgutil.walk_packages(mien.__path__, "mien.")}
    return {name for name in names if not any(part[0] == "_" for part in name.split("."))}


def is_below(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def test_every_public_module_is_documented() -> None:
    missing = public() - documented()
    assert sorted(n for n in missing if not any(is_below(n, p) for p in UNDOCUMENTED)) == []


@pytest.mark.parametrize("package", UNDOCUMENTED)
def test_exceptions_are_needed(package: str) -> None:
    assert any(is_below(name, package) for name in public() - documented())


def test_documented_modules_exist() -> None:
    assert documented() - public() == {"mien"}


def test_modules_are_found() -> None:
    assert {"mien.plot.detections", "mien.formats.feat", "mien.errors"} <= public() & documented()
    assert not {"mien._engine", "mien.formats._common"} & public()
