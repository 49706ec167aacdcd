"""Put network files into a pack.

``python -m models.export.pack FOLDER --localization FILE --behaviour FILE``

Copies the given ONNX files into the folder under their canonical names and writes ``pack.toml``:
what the pack is, each file's SHA-256 and origin, and measured quality. A network that is not
given keeps its place in the pack; figures of weights that were replaced go with them.

Quality figures come from JSON files made by the evaluation commands: ``--quality
localization=REPORT.json``; each such file holds ``{"command": "...", "figures": {"name": number,
...}}``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from models.export.metadata import read_metadata

ROLES = ("localization", "behaviour")
PROVENANCE = "trained from random weights by models/train/{0}.py; card: models/cards/{0}.md"


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return (
        repr(value)
        if isinstance(value, int | float)
        else json.dumps(str(value), ensure_ascii=False)
    )


def _table(name: str, values: dict[str, object]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {_text(value)}" for key, value in values.items())])


def write_pack(
    folder: Path,
    files: dict[str, Path],
    quality: dict[str, dict[str, object]],
    *,
    name: str = "default",
    version: str = "1.0.0",
    license_name: str = "Apache-2.0",
) -> None:
    """Copy ``files`` (role to ONNX file) into ``folder`` and write its ``pack.toml``.

    Parameters
    ----------
    quality : dict
        Role to ``{"command": str, figure: number, ...}``; roles not named keep what the pack says
        of them, unless their file changes.

    Raises
    ------
    ValueError
        A file's metadata name another role.
    """
    folder.mkdir(parents=True, exist_ok=True)
    old = folder / "pack.toml"
    known = tomllib.loads(old.read_text()) if old.exists() else {}
    measured = {
        role: dict(values)
        for role, values in known.get("quality", {}).items()
        if role not in files or known.get(role, {}).get("sha256") == sha256(files[role])
    } | quality
    sections = [f'format = 1\nname = "{name}"\nversion = "{version}"\nlicense = "{license_name}"']
    for role in ROLES:
        target = folder / f"{role}.onnx"
        if role in files:
            if (said := read_metadata(files[role]).get("mien.role")) != role:
                raise ValueError(f"{files[role]}: mien.role: wanted {role!r}, got {said!r}")
            if files[role].resolve() != target.resolve():
                shutil.copyfile(files[role], target)
        if target.exists():
            keys = read_metadata(target)
            values = {
                "file": target.name,
                "sha256": sha256(target),
                "network": keys.get("mien.name", ""),
                "version": keys.get("mien.version", ""),
                "precision": keys.get("mien.precision", "int8"),
                "license": keys.get("mien.license", ""),
                "provenance": PROVENANCE.format(role),
            }
            sections.append(_table(role, values))
    sections += [_table(f"quality.{role}", measured[role]) for role in ROLES if role in measured]
    old.write_text("\n\n".join(sections) + "\n")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="for instance models/packs/default")
    parser.add_argument("--version", default="1.0.0")
    parser.add_argument("--quality", action="append", default=[], metavar="ROLE=REPORT.json")
    for role in ROLES:
        parser.add_argument(f"--{role}", type=Path)
    options = parser.parse_args(arguments)
    files = {role: path for role in ROLES if (path := getattr(options, role)) is not None}
    quality: dict[str, dict[str, object]] = {}
    for item in options.quality:
        role, _, path = item.partition("=")
        if role not in ROLES:
            parser.error(f"--quality: wanted one of {', '.join(ROLES)}, got {role!r}")
        report = json.loads(Path(path).read_text())
        quality[role] = {"command": report["command"], **report["figures"]}
    write_pack(options.folder, files, quality, version=options.version)


if __name__ == "__main__":
    main()
