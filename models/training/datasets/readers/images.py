"""The images that a reader's table names: files, members of zip files, frames of videos, rows of
CSVs.
"""

from __future__ import annotations

import csv
import sys
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from typing_extensions import Self

from models.training.datasets.readers.errors import DamagedFileError, MissingFileError

__all__ = ["ImageReader", "decode"]


def decode(data: bytes, place: Path | str) -> np.ndarray:
    """JPEG, PNG or BMP bytes to (H, W, 3) uint8 RGB; EXIF turns are not applied."""
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imdecode(np.frombuffer(data, np.uint8), flags) if data else None
    if image is None:
        raise DamagedFileError(place, None, "not an image that OpenCV can decode")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


class ImageReader:
    """Opens a table's images; keeps the archive, video or CSV of the last one open.

    Rows of one video are fast in the order of their frames: going back decodes from its start.

    Parameters
    ----------
    root : Path
        Folder of the dataset.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open: tuple[Path, Any] | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self._open = None

    def __call__(self, archive: Any, image: Any, frame: Any) -> np.ndarray:
        """The image of a row by its three columns, (H, W, 3) uint8 RGB.

        Raises
        ------
        MissingFileError, DamagedFileError
            It isn't there, or isn't an image.
        """
        if pd.isna(image):
            raise MissingFileError("table", "a row with an image", "image in this row")
        path = self._root / (image if pd.isna(archive) else archive)
        if not path.is_file():
            raise MissingFileError("table", path, "image")
        if pd.notna(archive):
            try:
                data = self._kept(path, zipfile.ZipFile).read(image)
            except (KeyError, zipfile.BadZipFile) as error:
                raise DamagedFileError(path, None, f"{image}: {error}") from error
            return decode(data, f"{path}: {image}")
        if pd.isna(frame):
            return decode(path.read_bytes(), path)
        kind = _Rows if path.suffix == ".csv" else _Video
        return self._kept(path, kind).read(int(frame))

    def _kept(self, path: Path, kind: Any) -> Any:
        if self._open is None or self._open[0] != path:
            self._stack.close()
            self._open = path, kind(path)
            self._stack.callback(self._open[1].close)
        return self._open[1]


class _Video:
    """Frames of a video by number, decoded in order."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._start()

    def close(self) -> None:
        self._container.close()

    def _start(self) -> None:
        import av

        try:
            self._container = av.open(str(self._path))
        except av.FFmpegError as error:
            raise DamagedFileError(self._path, None, f"not a video: {error}") from error
        self._frames: Iterator[Any] = self._container.decode(video=0)
        self._next = 0

    def read(self, number: int) -> np.ndarray:
        import av

        if number < self._next:
            self._container.close()
            self._start()
        try:
            while self._next <= number:
                frame = next(self._frames)
                self._next += 1
        except (StopIteration, av.FFmpegError) as error:
            problem = f"wanted frame {number}, decoding ended at {self._next}: {error}"
            raise DamagedFileError(self._path, None, problem) from error
        return frame.to_ndarray(format="rgb24")


class _Rows:
    """Square grey images in the ``pixels`` column of FER2013's CSV, as RGB."""

    def __init__(self, path: Path) -> None:
        csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
        with path.open(newline="", encoding="utf-8") as file:
            self._pixels = [row["pixels"] for row in csv.DictReader(file)]
        self._path = path

    def close(self) -> None:
        self._pixels.clear()

    def read(self, number: int) -> np.ndarray:
        values = np.array(self._pixels[number].split(), np.uint8)
        side = int(len(values) ** 0.5)
        if side**2 != len(values):
            raise DamagedFileError(self._path, number + 2, f"{len(values)} pixels are no square")
        return np.repeat(values.reshape(side, side, 1), 3, 2)
