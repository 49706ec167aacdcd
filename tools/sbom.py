"""Write sbom.cdx.json: what mien is built of and needs, as a CycloneDX 1.6 bill of materials.

Versions of Python packages are those that pyproject.toml allows, for what is installed beside mien
decides.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "sbom.cdx.json"
# Without a place in pyproject.toml: name, licence, how it comes in.
NATIVE = (
    ("FFmpeg", "LGPL-2.1-or-later", "linked, where it was found when mien was built"),
    ("CUDA runtime", "LicenseRef-NVIDIA-EULA", "linked into builds with CUDA"),
)


def bill() -> dict[str, Any]:
    """The bill of materials."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    own = project["project"]
    built = [r for r in project["build-system"]["requires"] if r.startswith("pybind11")]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": "mien",
                "name": own["name"],
                "version": own["version"],
                "licenses": [{"license": {"id": own["license"]}}],
            }
        },
        "components": [
            *(_package(r, "compiled in") for r in built),
            *(_native(*entry) for entry in NATIVE),
            *(_package(r, "required") for r in own["dependencies"]),
        ],
    }


def _package(requirement: str, how: str) -> dict[str, Any]:
    match = re.match(r"([A-Za-z0-9._-]+)\s*(.*)", requirement)
    assert match  # pyproject.toml holds requirements
    name, versions = match.groups()
    return {
        "type": "library",
        "bom-ref": f"pypi-{name}",
        "name": name,
        "purl": f"pkg:pypi/{name.lower()}",
        "properties": _properties(how, versions),
    }


def _native(name: str, licence: str, how: str) -> dict[str, Any]:
    known = "name" if licence.startswith("LicenseRef") else "id"
    return {
        "type": "library",
        "bom-ref": f"native-{name}",
        "name": name,
        "licenses": [{"license": {known: licence}}],
        "properties": _properties(how, ""),
    }


def _properties(how: str, versions: str) -> list[dict[str, str]]:
    properties = [{"name": "mien:use", "value": how}]
    return properties + ([{"name": "mien:versions", "value": versions}] if versions else [])


def text() -> str:
    """The file's text."""
    return json.dumps(bill(), indent=2) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text())
