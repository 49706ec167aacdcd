"""ELAN's annotation files, ``.eaf`` (EAF 3.0, https://www.mpi.nl/tools/elan/EAFv3.0.xsd)."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from mien.errors import InputError
from mien.formats._atomic_write import replacing
from mien.formats._files import existing_file, parsing
from mien.formats._numbers import number_of

__all__ = ["read_elan", "write_elan"]


COLUMNS = ("onset", "offset", "tier", "value")
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_TYPE = "default-lt"
_DEPTH = 32  # ELAN's own files have five levels
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CONSTRAINTS = {
    "Time_Subdivision": (
        "Time subdivision of parent annotation's time interval, "
        "no time gaps allowed within this interval"
    ),
    "Symbolic_Subdivision": (
        "Symbolic subdivision of a parent annotation. "
        "Annotations refering to the same parent are ordered"
    ),
    "Symbolic_Association": "1-1 association with a parent annotation",
    "Included_In": (
        "Time alignable annotations within the parent annotation's time interval, gaps are allowed"
    ),
}


def write_elan(
    events: pd.DataFrame,
    path: str | Path,
    media: str | Path | None = None,
    author: str = "",
) -> Path:
    """Write events as annotations for ELAN.

    Parameters
    ----------
    events : pandas.DataFrame
        Columns `onset` and `offset` in seconds, `tier` (text; an action unit, say) and, if there is
        one, `value` (what the annotation says). Times are kept to the millisecond, as ELAN does;
        other columns are left out.
    path : str or Path
        ``.eaf``.
    media : str or Path, optional
        The video, for ELAN to open with it.
    author : str

    Returns
    -------
    Path

    Raises
    ------
    InputError
        A column is missing; an event without times, before 0, or shorter than a millisecond; events
        of one tier that overlap, which ELAN can't have; characters XML can't hold.
    OutputError
        It can't be written.
    """
    target = Path(path)
    rows = _checked(events, target)
    root = _document(_text(author, target))
    _add_header(root, None if media is None else Path(media), len(rows))
    slots = _add_slots(root, rows)
    first = 1
    for tier, part in rows.groupby("tier", sort=False):
        _add_tier(root, str(tier), part, slots, first)
        first += len(part)
    kind = {"GRAPHIC_REFERENCES": "false", "LINGUISTIC_TYPE_ID": _TYPE, "TIME_ALIGNABLE": "true"}
    ElementTree.SubElement(root, "LINGUISTIC_TYPE", kind)
    for name, meaning in _CONSTRAINTS.items():
        ElementTree.SubElement(root, "CONSTRAINT", {"DESCRIPTION": meaning, "STEREOTYPE": name})
    ElementTree.indent(root, "    ")
    with replacing(target) as file:
        ElementTree.ElementTree(root).write(file, encoding="UTF-8", xml_declaration=True)
    return target


def _document(author: str) -> ElementTree.Element:
    return ElementTree.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": author,
            "DATE": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": _XSI,
            "xsi:noNamespaceSchemaLocation": _SCHEMA,
        },
    )


def _add_header(root: ElementTree.Element, media: Path | None, annotations: int) -> None:
    header = ElementTree.SubElement(
        root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"}
    )
    if media is not None:
        _add_media(header, media)
    last = ElementTree.SubElement(header, "PROPERTY", {"NAME": "lastUsedAnnotationId"})
    last.text = str(annotations)


def _add_tier(
    root: ElementTree.Element, tier: str, events: pd.DataFrame, slots: dict[int, str], first: int
) -> None:
    """A tier with its events; annotations are numbered from `first`."""
    element = ElementTree.SubElement(root, "TIER", {"LINGUISTIC_TYPE_REF": _TYPE, "TIER_ID": tier})
    columns = (events["onset"], events["offset"], events["value"])
    for number, (onset, offset, value) in enumerate(zip(*columns, strict=True), start=first):
        holder = ElementTree.SubElement(element, "ANNOTATION")
        references = {
            "ANNOTATION_ID": f"a{number}",
            "TIME_SLOT_REF1": slots[onset],
            "TIME_SLOT_REF2": slots[offset],
        }
        annotation = ElementTree.SubElement(holder, "ALIGNABLE_ANNOTATION", references)
        ElementTree.SubElement(annotation, "ANNOTATION_VALUE").text = value


def _checked(events: pd.DataFrame, target: Path) -> pd.DataFrame:
    """Events in whole milliseconds and text, in order of tier and time."""
    if missing := [name for name in COLUMNS[:3] if name not in events]:
        raise InputError(
            f"{target}: wanted events with onset, offset (seconds) and tier, and there is no "
            f"{', '.join(missing)} among {list(events.columns)[:8]}"
        )
    times = events[["onset", "offset"]].astype(np.float64)
    if not np.isfinite(times.to_numpy()).all():
        raise InputError(
            f"{target}: {int((~np.isfinite(times)).any(axis=1).sum())} events lack a time"
        )
    rows = (times * 1000).round().astype(np.int64).reset_index(drop=True)
    rows["tier"] = [_text(tier, target) for tier in events["tier"]]
    values = events["value"] if "value" in events else [None] * len(events)
    rows["value"] = ["" if pd.isna(value) else _text(value, target) for value in values]
    bad = (rows["onset"] < 0) | (rows["offset"] <= rows["onset"])
    if bad.any():
        at = times.iloc[int(np.flatnonzero(bad)[0])].tolist()
        raise InputError(
            f"{target}: an event is to start at 0 or later and last a millisecond or more; "
            f"{int(bad.sum())} don't, the first from {at[0]:.6g} to {at[1]:.6g} s"
        )
    return _ordered(rows, target)


def _ordered(rows: pd.DataFrame, target: Path) -> pd.DataFrame:
    """Events in order of tier and time; those of one tier may not overlap."""
    order = {tier: i for i, tier in enumerate(dict.fromkeys(rows["tier"]))}
    rows = rows.sort_values(
        ["tier", "onset"], kind="stable", key=lambda c: c.map(order) if c.name == "tier" else c
    )
    over = rows.groupby("tier")["offset"].shift() > rows["onset"]
    if over.any():
        row = rows[over].iloc[0]
        raise InputError(
            f"{target}: events of one tier can't overlap, and {int(over.sum())} do, the first on "
            f"{row['tier']!r} at {row['onset'] / 1000:.3f} s: "
            "give them tiers of their own, e.g. by face"
        )
    return rows


def _text(value: Any, target: Path) -> str:
    text = str(value)
    if _FORBIDDEN.search(text):
        raise InputError(f"{target}: XML can't hold a character of {text[:40]!r}")
    return text


def _add_media(header: ElementTree.Element, media: Path) -> None:
    kinds = {".mp4": "video/mp4", ".mov": "video/quicktime", ".avi": "video/x-msvideo"}
    ElementTree.SubElement(
        header,
        "MEDIA_DESCRIPTOR",
        {
            "MEDIA_URL": media.absolute().as_uri(),
            "MIME_TYPE": kinds.get(media.suffix.lower(), "video/*"),
            "RELATIVE_MEDIA_URL": f"./{media.name}",
        },
    )


def _add_slots(root: ElementTree.Element, rows: pd.DataFrame) -> dict[int, str]:
    """Add the times, sorted and each once; annotations refer to them by the returned names."""
    order = ElementTree.SubElement(root, "TIME_ORDER")
    times = sorted({*rows["onset"], *rows["offset"]})
    slots = {time: f"ts{i}" for i, time in enumerate(times, 1)}
    for time, name in slots.items():
        ElementTree.SubElement(
            order, "TIME_SLOT", {"TIME_SLOT_ID": name, "TIME_VALUE": str(int(time))}
        )
    return slots


def read_elan(path: str | Path) -> pd.DataFrame:
    """Read the annotations of an ``.eaf`` file that have times.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    pandas.DataFrame
        `onset`, `offset` (seconds), `tier`, `value`, in the order of the file.

    Raises
    ------
    InputError
        Missing, damaged, or not an annotation file.
    """
    source = existing_file(path, "an annotation file of ELAN's")
    root = _parsed(source)
    if root.tag != "ANNOTATION_DOCUMENT":
        raise InputError(f"{source}: not a file of ELAN's: its root is {root.tag}")
    slots = {
        slot.get("TIME_SLOT_ID"): _seconds(source, slot.get("TIME_VALUE"))
        for slot in root.iter("TIME_SLOT")
    }
    rows = [
        (
            slots.get(note.get("TIME_SLOT_REF1"), np.nan),
            slots.get(note.get("TIME_SLOT_REF2"), np.nan),
            tier.get("TIER_ID", ""),
            note.findtext("ANNOTATION_VALUE") or "",
        )
        for tier in root.iterfind("TIER")
        for note in tier.iterfind("ANNOTATION/ALIGNABLE_ANNOTATION")
    ]
    events: pd.DataFrame = pd.DataFrame(rows, columns=list(COLUMNS))
    return events


def _parsed(source: Path) -> ElementTree.Element:
    """The document, if it is no deeper than ELAN's are and defines no entities.

    Entities of entities can stand for gigabytes; ELAN writes none.
    """
    depth = 0
    parser: Any = ElementTree.XMLPullParser(("start", "end"))
    root: ElementTree.Element | None = None
    with parsing(source, "XML"), source.open("rb") as file:
        while block := file.read(1 << 16):
            if b"<!DOCTYPE" in block.replace(b"\0", b""):
                raise InputError(f"{source}: not a file of ELAN's: it defines a document type")
            parser.feed(block)
            for event, element in parser.read_events():
                root = element if root is None else root
                depth += 1 if event == "start" else -1
                if depth > _DEPTH:
                    raise InputError(f"{source}: not a file of ELAN's: deeper than {_DEPTH} levels")
        parser.close()
    if root is None:
        raise InputError(f"{source}: damaged, or not XML: no element in it")
    return root


def _seconds(source: Path, milliseconds: str | None) -> float:
    """Time of a slot; NaN for one that has none."""
    number = number_of("nan" if milliseconds is None else milliseconds)
    if number is None:
        raise InputError(f"{source}: TIME_VALUE: wanted milliseconds, got {milliseconds!r}")
    return number / 1000
