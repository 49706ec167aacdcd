"""What a table was made of and with: rows of a run may go on in another only where nothing that
changes them differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mien import _core
from mien._engine.options import detect_mode
from mien._engine.sources import Source
from mien.engine import Engine
from mien.errors import InputError
from mien.table import Provenance

__all__ = ["add_described", "described", "differences", "lacking", "made_with", "wanted"]


# Options that never change a row, and `device`, of which the provider is what came out.
_FREE = frozenset({"device", "threads", "batch_size", "profile"})
_WINDOW = ("every", "start", "end")

Making = dict[str, Any]


def wanted(engine: Engine, sources: Sequence[Source], read: Mapping[str, Any]) -> Making:
    """What a table of these sources will be made of and with; flat, names to plain values.

    Raises
    ------
    InputError
        A file is gone.
    """
    window = {"every": 1, "start": None, "end": None, **read}
    return {
        **_tools(_core.__version__, engine.pack.sha256, engine.provider, engine.options, window),
        **{f"input {source.name}": _signature(described(source, read)) for source in sources},
    }


def made_with(provenance: Provenance) -> Making:
    """The same, of a table that is there; empty where the provenance is not of `add_described`."""
    making: Making = {}
    for part in provenance.get("sources", [provenance]):
        if not part or any("bytes" not in entry for entry in part.get("inputs", [])):
            return {}
        making |= _tools(
            part["mien"], part["pack"]["sha256"], part["provider"], part["options"], part["read"]
        )
        making |= {f"input {entry['input']}": _signature(entry) for entry in part["inputs"]}
    return making


def _tools(
    version: str,
    sha256: Mapping[str, str],
    provider: str,
    options: Mapping[str, Any],
    read: Mapping[str, Any],
) -> Making:
    return {
        "mien": version,
        **{f"sha256 of {role}": value for role, value in sha256.items()},
        "provider": provider,
        **{name: value for name, value in options.items() if name not in _FREE},
        **{name: read.get(name) for name in _WINDOW},
    }


def differences(there: Making, asked: Making) -> list[str]:
    """Where they differ, in words."""
    return [
        f"{name}: {there.get(name, 'none')}, now {asked.get(name, 'none')}"
        for name in dict.fromkeys([*there, *asked])
        if name not in there or name not in asked or there[name] != asked[name]
    ]


def lacking(there: Making, asked: Making) -> list[str]:
    """Inputs that were asked for and that the table, which is in all else the one asked for, has no
    rows of.
    """
    inputs = [name for name in asked if name.startswith("input ") and name not in there]
    rest = {name: value for name, value in asked.items() if name not in inputs}
    return [] if differences(there, rest) else [name.removeprefix("input ") for name in inputs]


def described(source: Source, read: Mapping[str, Any]) -> dict[str, Any]:
    """What the provenance of a source's rows says beside what the engine does: the file's size and
    last change, and how faces were looked for.
    """
    path = Path(source.name) if source.path is None else source.path
    try:
        status = path.stat()
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror or error}") from error
    detect = detect_mode(source, None if source.single else read.get("detect"))
    return {"bytes": status.st_size, "modified_ns": status.st_mtime_ns, "detect": detect}


def _signature(entry: Mapping[str, Any]) -> str:
    detect = f"detect {entry['detect']}"
    return f"{entry['bytes']} bytes changed at {entry['modified_ns']} ns, {detect}"


def add_described(provenance: Provenance, files: Mapping[str, Mapping[str, Any]]) -> Provenance:
    """The provenance with what `described` says of its inputs, by the inputs' names."""
    inputs = [{**entry, **files[entry["input"]]} for entry in provenance["inputs"]]
    return {**provenance, "inputs": inputs}
