"""Reads all that an HDF5 file of mien's holds, to see whether HDF5 survives it.

A script of its own, which loads h5py and nothing of mien: it starts in a fraction of a second.

    python -I _hdf_probe.py FILE LIMIT SECONDS FOLDERS...

`LIMIT` is the most bytes that a dataset may have, `SECONDS` the processor time that all may take;
the folders are those that modules come from.
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


def limit_time(seconds: int) -> None:
    """End the process by a signal once it has computed for so long, where the system can."""
    try:
        import resource
    except ImportError:  # Windows: the process that waits has a limit too
        return
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.path[:] = sys.argv[4:]
    limit_time(int(sys.argv[3]))
    probe(sys.argv[1], int(sys.argv[2]))
