"""A module of mien without a leading underscore is documented; all others have one."""

from __future__ import annotations

import pkgutil
import re
from pathlib import Path

import mien

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


def documented() -> set[str]:
    """Modules that a page of the reference names."""
    pages = "\n".join(page.read_text() for page in sorted(REFERENCE.glob("*.rst")))
    return set(re.findall(r"^\.\. automodule:: (mien[\w.]*)$", pages, re.MULTILINE))


def public() -> set[str]:
    """Modules whose name has no leading underscore in any part."""
    names = {module.name for module in pkgutil.walk_packages(mien.__path__, "mien.")}
    return {name for name in names if not any(part[0] == "_" for part in name.split("."))}


def test_every_public_module_is_documented() -> None:
    assert sorted(public() - documented()) == []


def test_documented_modules_exist() -> None:
    assert documented() - public() == {"mien"}


def test_modules_are_found() -> None:
    assert {"mien.plot.detections", "mien.formats.feat", "mien.errors"} <= public() & documented()
    assert not {"mien._engine", "mien.formats._common"} & public()
