"""What an HDF5 file of mien's may hold, checked before HDF5 reads a value of it.

The library can hang or abort on a damaged file, and reads other files where a dataset says that its
values lie there. So `check_in_child` has a process of its own go through a file first.
"""

from __future__ import annotations

import math
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mien.errors import InputError
from mien.formats._files import most_bytes
from mien.formats._json import parse_json

__all__ = ["attribute", "check_in_child", "checked_datasets", "safe_name"]


PROBE = Path(__file__).with_name("_hdf_probe.py")
SECONDS = 5.0
"""Processor time that the first look at a file may take, and a second more for each
`_BYTES_A_SECOND`."""
WAITING = 6
"""How many times that long it may take on a machine that does other things too."""
_BYTES_A_SECOND = 4 << 20


def safe_name(name: Any) -> str:
    """A valid HDF5 name: without path separators, not empty, not ``.``."""
    text = str(name).replace("%", "%25").replace("/", "%2F")
    return {"": "%", ".": "%2E"}.get(text, text)


def check_in_child(source: Path) -> None:
    """Have another process read a file; raises `InputError` if it hangs or the library aborts.

    A program frozen into one file has no interpreter to start, and does without.
    """
    if getattr(sys, "frozen", False) or not sys.executable:
        return
    seconds = SECONDS + source.stat().st_size / _BYTES_A_SECOND
    limits = [str(most_bytes(source)), str(math.ceil(seconds))]
    arguments = [str(PROBE), str(source.absolute()), *limits, *sys.path]
    try:
        done = subprocess.run(
            [sys.executable, "-I", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=WAITING * seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"{source}: damaged: HDF5 did not come to an end within {WAITING * seconds:.0f} s"
        ) from error
    if done.returncode == -getattr(signal, "SIGXCPU", 0) != 0:
        raise InputError(
            f"{source}: damaged: HDF5 did not come to an end within {seconds:.0f} s of computing"
        )
    if done.returncode < 0:
        raise InputError(
            f"{source}: damaged: HDF5 ended the process that read it (signal {-done.returncode})"
        )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise InputError(f"{source}: damaged, or not an HDF5 file: {' '.join(said)[:500]}")


def checked_datasets(file: Any, source: Path) -> Iterator[tuple[str, Any, Any]]:
    """Name, dataset, and mask of missing values (or None) of each column of an open file.

    Raises
    ------
    InputError
        A link, a dataset whose values lie elsewhere, or more rows than the file can hold.
    """
    names = parse_json(attribute(file, "columns", source), source)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(f"{source}: attribute columns: wanted a list of names")
    groups = [_member(file, name, source) for name in ("table", "missing")]
    allowed, promised = most_bytes(source), 0
    for name in names:
        column, mask = (
            _member(group, safe_name(name), source, needed=group is groups[0]) for group in groups
        )
        for dataset in (column, mask):
            promised += 0 if dataset is None else _size(dataset, source)
        if promised > allowed:
            raise InputError(
                f"{source}: promises {promised >> 20} MiB of rows; "
                f"wanted at most {allowed >> 20} MiB in a file of its size"
            )
        yield name, column, mask


def attribute(of: Any, name: str, source: Path) -> str:
    """An attribute that is text."""
    value = of.attrs.get(name)
    if not isinstance(value, str):
        raise InputError(f"{source}: attribute {name}: wanted text, got {type(value).__name__}")
    return value


def _member(group: Any, name: str, source: Path, *, needed: bool = True) -> Any:
    """What a group holds under a name, unless that is a link to somewhere else."""
    import h5py

    if name not in group:
        if needed:
            raise InputError(f"{source}: no {name!r} in {group.name}")
        return None
    link = group.get(name, getlink=True)
    if not isinstance(link, h5py.HardLink):
        raise InputError(f"{source}: {name}: a link to another place; mien follows none")
    return group[name]


def _size(dataset: Any, source: Path) -> int:
    """Bytes of a dataset's values, at least."""
    import h5py

    if not isinstance(dataset, h5py.Dataset) or dataset.ndim != 1:
        raise InputError(f"{source}: {dataset.name}: wanted a column of values")
    if dataset.external or dataset.is_virtual:
        raise InputError(
            f"{source}: {dataset.name}: its values lie in another file; mien reads none but this"
        )
    return int(dataset.size) * int(dataset.dtype.itemsize)
