"""Writes a pack: copies ONNX files into its folder and describes them in ``pack.toml``.

    python -m models.training.onnx.pack FOLDER --localization FILE --behaviour FILE

Copies the given ONNX files into the folder under their canonical names and writes ``pack.toml``:
what the pack is, each file's SHA-256 and origin, and measured quality. A network that is not
given keeps its place in the pack; metrics of weights that were replaced go with them.

``--localization-fp16`` and ``--behaviour-fp16`` are the same networks' fp16 files, for GPUs; their
place in ``pack.toml`` is ``[localization.fp16]``.

Quality metrics come from JSON files made by the evaluation commands: ``--quality
localization=REPORT.json``, ``--quality localization.fp16=REPORT.json``; each such file holds
``{"command": "...", "metrics": {"name": number, ...}}``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from models.training.onnx.metadata import read_metadata

ROLES = ("localization", "behaviour")
PLACES = tuple(role + form for role in ROLES for form in ("", ".fp16"))
PROVENANCE = (
    "trained from random weights by models/training/train/{0}.py; card: models/cards/{0}.md"
)
TASKS = {"localization": "detector", "behaviour": "behaviour"}  # role to the task of training


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
    """Copy ``files`` (one of PLACES to ONNX file) into ``folder`` and write its ``pack.toml``.

    Parameters
    ----------
    quality : dict
        Network to ``{"command": str, metric: number, ...}``; networks not named keep what the pack
        says of them, unless their file changes.

    Raises
    ------
    ValueError
        A file's metadata name another role, or its fp16 form another version.
    """
    folder.mkdir(parents=True, exist_ok=True)
    old = folder / "pack.toml"
    known = tomllib.loads(old.read_text()) if old.exists() else {}
    measured = {
        place: _metrics(_at(known.get("quality", {}), place))
        for place in PLACES
        if place not in files or _at(known, place).get("sha256") == sha256(files[place])
    } | quality
    sections = [f'format = 1\nname = "{name}"\nversion = "{version}"\nlicense = "{license_name}"']
    versions: dict[str, str] = {}
    for place in PLACES:
        role = place.partition(".")[0]
        target = folder / f"{place}.onnx"
        if place in files:
            if (said := read_metadata(files[place]).get("mien.role")) != role:
                raise ValueError(f"{files[place]}: mien.role: wanted {role!r}, got {said!r}")
            if files[place].resolve() != target.resolve():
                shutil.copyfile(files[place], target)
        if target.exists():
            keys = read_metadata(target)
            said = keys.get("mien.version", "")
            if said != (wanted := versions.setdefault(role, said)):  # fp16 of other weights
                raise ValueError(f"{target}: mien.version: wanted {wanted!r}, got {said!r}")
            values = {
                "file": target.name,
                "sha256": sha256(target),
                "network": keys.get("mien.name", ""),
                "version": said,
                "precision": keys.get("mien.precision", "int8"),
                "license": keys.get("mien.license", ""),
                "provenance": PROVENANCE.format(TASKS[role]),
            }
            sections.append(_table(place, values))
    sections += [_table(f"quality.{p}", measured[p]) for p in PLACES if measured.get(p)]
    old.write_text("\n\n".join(sections) + "\n")


def _at(table: dict[str, Any], place: str) -> dict[str, Any]:
    """The table at ``role`` or ``role.form``; empty where there is none."""
    for key in place.split("."):
        table = table.get(key, {})
    return table


def _metrics(table: dict[str, Any]) -> dict[str, object]:
    """A table without those inside it."""
    return {key: value for key, value in table.items() if not isinstance(value, dict)}


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="for instance models/packs/default")
    parser.add_argument("--version", default="1.0.0")
    parser.add_argument("--quality", action="append", default=[], metavar="NETWORK=REPORT.json")
    for place in PLACES:
        parser.add_argument(f"--{place.replace('.', '-')}", type=Path, dest=place)
    options = parser.parse_args(arguments)
    files = {place: path for place in PLACES if (path := getattr(options, place)) is not None}
    quality: dict[str, dict[str, object]] = {}
    for item in options.quality:
        place, _, path = item.partition("=")
        if place not in PLACES:
            parser.error(f"--quality: wanted one of {', '.join(PLACES)}, got {place!r}")
        report = json.loads(Path(path).read_text())
        quality[place] = {"command": report["command"], **report["metrics"]}
    write_pack(options.folder, files, quality, version=options.version)


if __name__ == "__main__":
    main()
