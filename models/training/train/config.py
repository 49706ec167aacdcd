"""Reading of training configurations (TOML): one file for a network, checked key by key.

``task`` says which network a file trains: ``behaviour`` (`behaviour_config`) or ``detector``
(`detector_config`). An unknown key is an error that names the file and the key.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TASKS = ("behaviour", "detector")
Part = TypeVar("Part")


def read_table(path: Path) -> dict[str, Any]:
    """Parse a TOML file."""
    with Path(path).open("rb") as file:
        return tomllib.load(file)


def task_of(path: Path) -> str:
    """The task of a configuration file, one of `TASKS`.

    Raises
    ------
    ValueError
        The file names no task, or another.
    """
    task = read_table(path).get("task")
    if task not in TASKS:
        raise ValueError(f"{path}: task: wanted one of {TASKS}, got {task!r}")
    return str(task)


def reject_unknown(table: Mapping[str, Any], known: Collection[str], prefix: str) -> None:
    """Raise a ValueError that names the first key of a table that is not known."""
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise ValueError(f"unknown key {prefix}{unknown[0]}; wanted some of {sorted(known)}")


def require_task(table: Mapping[str, Any], task: str) -> None:
    """Raise a ValueError where a file is of another task."""
    if table.get("task") != task:
        raise ValueError(f"task: wanted {task!r}, got {table.get('task')!r}")


def part(kind: type[Part], table: Mapping[str, Any], name: str) -> Part:
    """Make a dataclass of a TOML table; lists become tuples.

    Parameters
    ----------
    kind : type
        A dataclass.
    table : mapping
        Values by its fields' names.
    name : str
        Path of the table in the file, for messages.
    """
    reject_unknown(table, names_of(kind), f"{name}.")
    return kind(**{key: frozen(value) for key, value in table.items()})


def names_of(kind: type) -> list[str]:
    """Names of a dataclass's fields."""
    return [field.name for field in fields(kind)]


def frozen(value: Any) -> Any:
    """The value with lists, nested ones too, as tuples."""
    return tuple(frozen(v) for v in value) if isinstance(value, list) else value


def require_above_zero(values: Mapping[str, float]) -> None:
    """Raise a ValueError that names the first value that is not more than 0."""
    for name, value in values.items():
        if value <= 0:
            raise ValueError(f"{name}: wanted more than 0, got {value}")


def require_shares(values: Mapping[str, float]) -> None:
    """Raise a ValueError that names the first value outside 0 to 1."""
    for name, value in values.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{name}: wanted 0 to 1, got {value}")


def require_one_of(name: str, value: str, known: Collection[str]) -> None:
    """Raise a ValueError where a value is none of those that are known."""
    if value not in known:
        raise ValueError(f"{name}: wanted one of {known}, got {value!r}")
