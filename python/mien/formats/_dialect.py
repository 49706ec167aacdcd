"""How a text table is written: encoding, separator, decimal mark, lines before the header.

Programs and countries differ: Excel writes ``;`` and decimal commas where the comma is the decimal
mark, UTF-16 as "Unicode text", and a first line ``sep=;`` where it was told to.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mien.errors import InputError

__all__ = ["Dialect", "Head", "dialect_of", "find_dialect", "head_of"]


_HEAD = 1 << 19  # bytes looked at: a header of 2,200 columns is 30,000
_ROWS = 50  # rows that tell the decimal mark
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SAID = re.compile(r'"?sep=(.)"?\s*')
_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_POINT = re.compile(r"[+-]?\d+\.\d+([eE][+-]?\d+)?")
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class Dialect:
    """How a text table is written.

    Attributes
    ----------
    encoding : str
        ``utf-8``, ``utf-16``, ``cp1252`` or ``latin-1``.
    separator, decimal : str
        One character each.
    skip : int
        Lines before the header.
    """

    encoding: str = "utf-8"
    separator: str = ","
    decimal: str = "."
    skip: int = 0

    def notes(self, usual: str = ",") -> list[str]:
        """What is unusual about it, for the provenance: a sentence, or none."""
        said = []
        if self.encoding != "utf-8":
            said.append(f"encoded as {self.encoding}")
        if self.separator != usual:
            named = _NAMES.get(self.separator, repr(self.separator))
            said.append(f"columns separated by {named}")
        if self.decimal != ".":
            said.append("decimal commas")
        return [f"text: {', '.join(said)}"] if said else []


class Head(NamedTuple):
    """The beginning of a text file.

    Attributes
    ----------
    encoding : str
        See `Dialect`.
    lines : list of str
        Its first lines, behind one that says ``sep=``.
    separator : str
        What that line says; empty where there is none.
    """

    encoding: str
    lines: list[str]
    separator: str


def find_dialect(source: Path, separators: Sequence[str] = ",;\t") -> Dialect:
    """The dialect of a text table; see `dialect_of`.

    Raises
    ------
    InputError
        It can't be read, or is UTF-16 with something else in it.
    """
    return dialect_of(head_of(source), separators)


def dialect_of(head: Head, separators: Sequence[str], skip: int = 0) -> Dialect:
    """The dialect of a text table that begins so.

    Parameters
    ----------
    head : Head
    separators : sequence of str
        Those it may have, the usual one first.
    skip : int
        Lines before the header, of those in `head`.
    """
    header = head.lines[skip] if len(head.lines) > skip else ""
    separator = head.separator or _separator(header, separators)
    rows = head.lines[skip + 1 : skip + 1 + _ROWS]
    decimal = "." if separator == "," else _decimal(rows, separator)
    return Dialect(head.encoding, separator, decimal, skip + bool(head.separator))


def head_of(source: Path) -> Head:
    """Encoding and first lines of a text file, which exists.

    Raises
    ------
    InputError
        It can't be read, or is UTF-16 with something else in it.
    """
    try:
        with source.open("rb") as file:
            head = file.read(_HEAD)
        encoding = _encoding(source, head)
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except (OSError, UnicodeError) as error:
        raise InputError(f"{source}: can't be read as text: {error}") from error
    lines = text.removeprefix("\ufeff").splitlines()
    said = _SAID.fullmatch(lines[0]) if lines else None
    return Head(encoding, lines[1:], said[1]) if said else Head(encoding, lines, "")


def _encoding(source: Path, head: bytes) -> str:
    for mark, name in _MARKS.items():
        if head.startswith(mark) and not head.startswith(codecs.BOM_UTF32_LE):
            return name
    for name in ("utf-8", "cp1252"):
        if _decodes(source, name):
            return name
    return "latin-1"


def _decodes(source: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with source.open("rb") as file:
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True


def _separator(header: str, separators: Sequence[str]) -> str:
    """The separator that gives the most columns; the usual one of several."""
    return max(separators, key=lambda mark: (_columns(header, mark), mark == separators[0]))


def _columns(header: str, separator: str) -> int:
    try:
        return len(next(csv.reader([header], delimiter=separator), []))
    except csv.Error:
        return 0


def _decimal(rows: Sequence[str], separator: str) -> str:
    """A comma, if more cells are numbers with one than numbers with a point."""
    cells = [cell.strip('" ') for row in rows for cell in row.split(separator)]
    commas = sum(1 for cell in cells if _COMMA.fullmatch(cell))
    return "," if commas > sum(1 for cell in cells if _POINT.fullmatch(cell)) else "."
