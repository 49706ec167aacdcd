"""What a table was made of and with: rows of a run may go on in another only where nothing that
changes them differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mien import _core
from mien._engine.probe import detect_mode, path_of
from mien._engine.sources import Source
from mien.engine import Engine
from mien.errors import InputError
from mien.options import ReadOptions
from mien.table import Provenance

__all__ = [
    "Fingerprint",
    "add_file_details",
    "change_since",
    "differences",
    "expected_fingerprint",
    "file_details",
    "missing_inputs",
    "table_fingerprint",
]


# Options that never change a row, and `device`, of which the provider is what came out.
_FREE = frozenset({"device", "threads", "batch_size"})

Fingerprint = dict[str, Any]
"""Flat: names to plain values."""


def expected_fingerprint(
    engine: Engine, sources: Sequence[Source], read: ReadOptions
) -> Fingerprint:
    """Of a table that would be made of these sources now.

    Raises
    ------
    InputError
        A file is gone.
    """
    window = read.provenance()
    return {
        **_settings(_core.__version__, engine.pack.sha256, engine.provider, engine.options, window),
        **{f"input {source.name}": _signature(file_details(source, read)) for source in sources},
    }


def table_fingerprint(provenance: Provenance) -> Fingerprint:
    """Of a table that is there; empty where its provenance lacks `file_details`."""
    fingerprint: Fingerprint = {}
    for part in provenance.get("sources", [provenance]):
        if not part or any("bytes" not in entry for entry in part.get("inputs", [])):
            return {}
        sha256 = part["pack"]["sha256"]
        fingerprint |= _settings(
            part["mien"], sha256, part["provider"], part["options"], part["read"]
        )
        fingerprint |= {f"input {entry['input']}": _signature(entry) for entry in part["inputs"]}
    return fingerprint


def _settings(
    version: str,
    sha256: Mapping[str, str],
    provider: str,
    options: Mapping[str, Any],
    window: Mapping[str, Any],
) -> Fingerprint:
    return {
        "mien": version,
        **{f"sha256 of {role}": value for role, value in sha256.items()},
        "provider": provider,
        **{name: value for name, value in options.items() if name not in _FREE},
        **{name: window.get(name) for name in ReadOptions().provenance()},
    }


def differences(there: Fingerprint, expected: Fingerprint) -> list[str]:
    """Where they differ, in words."""
    return [
        f"{name}: {there.get(name, 'none')}, now {expected.get(name, 'none')}"
        for name in dict.fromkeys([*there, *expected])
        if name not in there or name not in expected or there[name] != expected[name]
    ]


def missing_inputs(there: Fingerprint, expected: Fingerprint) -> list[str]:
    """Inputs that are expected, and of which a table has no rows that is in all else the one
    expected.
    """
    inputs = [name for name in expected if name.startswith("input ") and name not in there]
    rest = {name: value for name, value in expected.items() if name not in inputs}
    return [] if differences(there, rest) else [name.removeprefix("input ") for name in inputs]


def file_details(source: Source, read: ReadOptions) -> dict[str, Any]:
    """What provenance says of a source besides what the engine does: the file's size and last
    change, and in which frames faces were looked for.

    Raises
    ------
    InputError
        The file is gone.
    """
    try:
        status = path_of(source).stat()
    except OSError as error:
        raise InputError(f"{source.name}: can't be read: {error.strerror or error}") from error
    detect = detect_mode(source, None if source.single else read.detect)
    return {"bytes": status.st_size, "modified_ns": status.st_mtime_ns, "detect": detect}


def change_since(
    source: Source, read: ReadOptions, details: Mapping[str, Any]
) -> InputError | None:
    """Whether a file is another than it was when it had these `file_details`: rows that were made
    meanwhile are of neither.
    """
    try:
        now = file_details(source, read)
    except InputError as error:
        return error
    if now == details:
        return None
    return InputError(
        f"{source.name}: changed while it was read: {_signature(details)}; "
        f"now {_signature(now)}; wanted a file that nobody writes to"
    )


def _signature(entry: Mapping[str, Any]) -> str:
    detect = f"detect {entry['detect']}"
    return f"{entry['bytes']} bytes changed at {entry['modified_ns']} ns, {detect}"


def add_file_details(
    provenance: Provenance, details: Mapping[str, Mapping[str, Any]]
) -> Provenance:
    """The provenance with the `file_details` of its inputs, which are given by name."""
    inputs = [{**entry, **details[entry["input"]]} for entry in provenance["inputs"]]
    return {**provenance, "inputs": inputs}
