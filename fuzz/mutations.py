"""Seeded mutations: of bytes, of text tables, and of JSON."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

__all__ = ["NUMBERS", "mutate_bytes", "mutate_json", "mutate_text"]

Random = random.Random

NUMBERS = (
    *("nan", "inf", "-inf", "1e999", "-1", "0.0", "99999999999999999999", "2147483648", "NA"),
    *(
        "abc",
        "",
        " ",
        "0x10",
        "1,5",
        "1.2.3",
        "TRUE",
        "WAHR",
        "-nan(ind)",
        "\0",
        "\udc80",
        "\ud800",
    ),
    *("[1, 2]", "{}", "2026-01-01", "00:01", '"', "=1+1", "1e308", "\uff15", "1_000", "None"),
)
"""What stands where a number belongs."""

NAMES = ("", "frame", "input", "status", "AU12", "x_0", "\0", "\ud800", "a" * 5000, "AU99999", "é")


def mutate_bytes(rng: Random, content: bytes) -> bytes:
    """Bits, bytes, a range removed, repeated or overwritten, or the end cut off."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        if not data:
            return bytes(data)
        at = rng.randrange(len(data))
        size = rng.choice((1, 4, 16, 256))
        kind = rng.randrange(7)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.choice((0, 0xFF, 0x7F, 0x80, rng.randrange(256)))
        elif kind == 2:
            data[at : at + size] = rng.randbytes(size)
        elif kind == 3:
            del data[at : at + size]
        elif kind == 4:
            data[at:at] = data[at : at + size] * rng.choice((1, 3))
        elif kind == 5:
            del data[at:]
        else:
            data[at : at + size] = bytes(size)
    return bytes(data)


def mutate_text(rng: Random, content: bytes, separator: str) -> bytes:
    """Cells, names, rows and columns of a delimited table, and its encoding."""
    lines = content.decode("utf-8").splitlines()
    cells = [line.split(separator) for line in lines]
    for _ in range(rng.choice((1, 1, 2, 5))):
        rng.choice(_TABLE_EDITS)(rng, cells)
    text = "\n".join(separator.join(row) for row in cells) + "\n"
    encoding = rng.choice(("utf-8",) * 8 + ("utf-16", "latin-1", "utf-8-sig", "utf-32"))
    return text.encode(encoding, "surrogatepass" if encoding == "utf-8" else "replace")


def _cell(rng: Random, cells: list[list[str]]) -> None:
    row = rng.choice(cells)
    if row:
        row[rng.randrange(len(row))] = rng.choice(NUMBERS)


def _column(rng: Random, cells: list[list[str]]) -> None:
    """All values of one column replaced: its name stays."""
    at = rng.randrange(max(1, max(map(len, cells))))
    value = rng.choice(NUMBERS)
    for row in cells[1:]:
        if at < len(row):
            row[at] = value


def _name(rng: Random, cells: list[list[str]]) -> None:
    header = rng.choice(cells[:2])
    if header:
        header[rng.randrange(len(header))] = rng.choice((*NAMES, rng.choice(header)))


def _swap(rng: Random, cells: list[list[str]]) -> None:
    row = rng.choice(cells)
    if len(row) > 1:
        a, b = rng.sample(range(len(row)), 2)
        row[a], row[b] = row[b], row[a]


def _rows(rng: Random, cells: list[list[str]]) -> None:
    at = rng.randrange(len(cells))
    if rng.random() < 0.5 and len(cells) > 1:
        del cells[at]
    else:
        cells.insert(at, list(rng.choice(cells)))


def _drop_column(rng: Random, cells: list[list[str]]) -> None:
    at = rng.randrange(max(1, max(map(len, cells))))
    for row in cells:
        del row[at : at + 1]


_TABLE_EDITS: tuple[Callable[[Random, list[list[str]]], None], ...] = (
    *(_cell, _cell, _column, _column, _name, _swap, _rows, _drop_column),
)

WRONG: tuple[Any, ...] = (
    *(None, 0, -1, 1.5, True, "", "x", [], {}, [1], {"a": 1}, [[]], [None], {"name": None}),
    *(10**400, float("nan"), "int7", "category", "datetime64[us]", "\ud800", "(" * 50),
    *("period[M]", "Int64", "float32", "bool", "interval", "object"),
)
"""What stands in JSON where something else belongs."""


def mutate_json(rng: Random, content: bytes) -> bytes:
    """A value of another type, a name gone or changed, or depth without sense."""
    value = json.loads(content)
    for _ in range(rng.choice((1, 1, 2, 4))):
        value = _changed(rng, value, rng.randrange(8))
    return json.dumps(value).encode()


def _changed(rng: Random, value: Any, depth: int) -> Any:
    """A copy of `value` with something wrong, `depth` levels down if it is that deep."""
    if depth == 0 or not isinstance(value, dict | list) or not value:
        return _deep(rng) if rng.random() < 0.1 else rng.choice(WRONG)
    if isinstance(value, list):
        at = rng.randrange(len(value))
        return [*value[:at], _changed(rng, value[at], depth - 1), *value[at + 1 :]]
    name = rng.choice(list(value))
    kind = rng.randrange(6)
    if kind == 0:
        return {k: v for k, v in value.items() if k != name}
    if kind == 1:
        return {(rng.choice(NAMES) if k == name else k): v for k, v in value.items()}
    return {**value, name: _changed(rng, value[name], depth - 1)}


def _deep(rng: Random) -> Any:
    nested: Any = 1
    for _ in range(rng.choice((60, 190, 900))):
        nested = [nested] if rng.random() < 0.5 else {"a": nested}
    return nested
