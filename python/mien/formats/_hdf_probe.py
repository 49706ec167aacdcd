"""Reads all that an HDF5 file of mien's holds, to see whether HDF5 survives it.

A script of its own, which loads h5py and nothing of mien: it starts in a fraction of a second.

    python -I _hdf_probe.py FILE LIMIT FOLDERS...

`LIMIT` is the most bytes that a dataset may have; the folders are those that modules come from.
"""

from __future__ import annotations

import sys


def probe(path: str, limit: int) -> None:
    """Read attributes and values of the root, of its groups and of their datasets."""
    import h5py

    with h5py.File(path) as file:
        dict(file.attrs)
        for name in ("table", "missing"):
            if not isinstance(file.get(name, getlink=True), h5py.HardLink):
                continue
            group = file[name]
            for member in group:
                if isinstance(group.get(member, getlink=True), h5py.HardLink):
                    _read(group[member], limit)


def _read(dataset: object, limit: int) -> None:
    import h5py

    if not isinstance(dataset, h5py.Dataset) or dataset.external or dataset.is_virtual:
        return  # which the reader refuses
    dict(dataset.attrs)
    if dataset.size is not None and dataset.size * dataset.dtype.itemsize <= limit:
        dataset[()]


if __name__ == "__main__":
    sys.path[:] = sys.argv[3:]
    probe(sys.argv[1], int(sys.argv[2]))
