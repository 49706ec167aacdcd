"""One round of the work: live frames, a stream, and a batch, with one engine."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import numpy as np
from PIL import Image

import mien
from bench.soak.trend import Sample
from mien import batch
from mien.demo import make_clip, portrait

__all__ = ["SoakWork", "take_sample"]


class SoakWork:
    """Inputs in a folder, and an engine.

    Parameters
    ----------
    folder : Path
        Where the inputs are made and tables written.
    engine : mien.Engine
    """

    def __init__(self, folder: Path, engine: mien.Engine) -> None:
        self._folder, self._engine = folder, engine
        self._clip, self._image = folder / "clip.mp4", folder / "image.png"
        photograph = portrait()
        make_clip(photograph, self._clip)
        Image.fromarray(photograph).save(self._image)
        self._frames = [np.roll(photograph, 2 * i, axis=1) for i in range(16)]

    def round(self) -> None:
        """Do each once.

        Raises
        ------
        RuntimeError
            An input of the batch failed, or there are no rows.
        """
        self._live()
        self._stream()
        self._batch()

    def _live(self) -> None:
        self._engine.reset()
        for i, frame in enumerate(self._frames):
            if not len(self._engine.analyze_frame(frame, i / 25)):
                raise RuntimeError(f"live frame {i}: no row")

    def _stream(self) -> None:
        if not sum(len(part) for part in self._engine.stream(self._clip, 8, every=2)):
            raise RuntimeError("stream: no rows")

    def _batch(self) -> None:
        out = self._folder / "out"
        plan = batch.plan([str(self._clip), str(self._image)], out)
        reports = list(batch.run(self._engine, plan, mien.ReadOptions(every=3)))
        if errors := [report.error for report in reports if report.error]:
            raise RuntimeError(f"batch: {errors}")
        shutil.rmtree(out)


def take_sample(begin: float) -> Sample:
    """What this process holds now, `begin` being `time.monotonic` at the beginning. Linux only."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    handles = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 (names alone; one is this listing's)
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208
    resident = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return Sample(time.monotonic() - begin, resident, handles - 1, threads)
