"""How fast this machine analyses a clip, and where the time goes; behind ``mien bench``."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from mien.engine import Engine
from mien.errors import OptionError
from mien.options import EngineOptions
from mien.packs import Pack
from mien.schema import FACE_STATUSES

__all__ = ["Speed", "measure"]


@dataclass
class Speed:
    """What `measure` found.

    Attributes
    ----------
    frames, faces : int
        Of the clip.
    rates : list of float
        Frames a second, round by round.
    core_ms : list of float
        Milliseconds of CPU time a frame, all threads together, round by round.
    steps : pandas.DataFrame or None
        Step by step, if asked for: `calls`; `us` of CPU time and `allocations` on the heap a
        call (by mien's own code, not within ONNX Runtime and FFmpeg); `core_ms` a frame, and
        `share` of all steps. Python's own work, the table's, is the row ``rest``.
    """

    frames: int = 0
    faces: int = 0
    rates: list[float] = field(default_factory=list)
    core_ms: list[float] = field(default_factory=list)
    steps: pd.DataFrame | None = None

    @property
    def rate(self) -> float:
        """Median of `rates`."""
        return statistics.median(self.rates)


def measure(
    source: str | Path,
    pack: str | Path | Pack = "default",
    options: EngineOptions | None = None,
    *,
    rounds: int = 5,
    detect: str | None = None,
) -> Speed:
    """Analyse a clip again and again.

    Parameters
    ----------
    source : path
        A video.
    pack, options
        As for `Engine`. With `profile` every step is timed too.
    rounds : int
        Rounds that count; one before them does not.
    detect : {"every", "track"}, optional
        As for `Engine.analyze`.

    Returns
    -------
    Speed

    Raises
    ------
    OptionError
        Fewer than one round; options that an engine refuses.
    InputError
        As for `Engine.analyze`.
    """
    if not isinstance(rounds, int) or rounds < 1:
        raise OptionError(f"rounds: wanted a whole number of at least 1, got {rounds!r}")
    options = options or EngineOptions()
    engine = Engine(pack, options=options)
    table = engine.analyze(source, detect=detect)
    speed = Speed(int(table["frame"].nunique()), int(table["status"].isin(FACE_STATUSES).sum()))
    before = engine.step_times() if options.profile else None
    for _ in range(rounds):
        begun, worked = time.perf_counter(), time.process_time()
        engine.analyze(source, detect=detect)
        speed.rates.append(speed.frames / (time.perf_counter() - begun))
        speed.core_ms.append(1000 * (time.process_time() - worked) / speed.frames)
    if before is not None:
        speed.steps = _shares(engine.step_times() - before, speed, rounds)
    return speed


def _shares(steps: pd.DataFrame, speed: Speed, rounds: int) -> pd.DataFrame:
    frames = speed.frames * rounds
    calls = steps["calls"].clip(lower=1)
    table: pd.DataFrame = pd.DataFrame(
        {
            "calls": steps["calls"].astype("Int64"),
            "us": steps["cpu"] / calls * 1e6,
            "allocations": steps["allocations"] / calls,
            "core_ms": steps["cpu"] / frames * 1e3,
        }
    ).reindex([*steps.index, "rest"])
    rest = statistics.mean(speed.core_ms) - table["core_ms"].sum()
    table.loc["rest", "core_ms"] = max(rest, 0.0)
    table["share"] = table["core_ms"] / table["core_ms"].sum()
    return table
