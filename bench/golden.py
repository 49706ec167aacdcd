"""Tables of the engine for many kinds of input, compared bit for bit between two versions of mien.

python -m bench.golden make FOLDER     # with one version installed, then with the other
python -m bench.golden compare A B     # exit status 1 if any table differs

The inputs are the media in ``MIEN_DATA`` and clips that FFmpeg makes of them. A case is a file of
NumPy arrays, one a column, without anything that names the version. Only what both versions offer
may be used here.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import mien

Case = tuple[str, Callable[[], pd.DataFrame]]
"""A name, and what gives the table."""

Pixels = NDArray[np.uint8]

CLIPS = {
    "turned.mp4": ["-vf", "transpose=1", "-metadata:s:v", "rotate=90"],
    "odd.mp4": ["-vf", "scale=417:313", "-pix_fmt", "yuv444p"],
    "ten_bit.mp4": ["-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-x265-params", "log-level=none"],
    "large.mp4": ["-vf", "scale=1920:1080"],
    "variable.mkv": ["-vf", "select='not(mod(n,3))+lt(n,20)'", "-vsync", "vfr"],
    "full_range.mp4": ["-vf", "scale=out_range=full", "-color_range", "pc"],
}
"""Names of clips, and the FFmpeg options that make them of ``single_face.mp4``."""


def media() -> Path:
    """The folder of test media."""
    return Path(os.environ.get("MIEN_DATA", "../shared/data")) / "pyfeat"


def encoded_clips(folder: Path) -> list[Path]:
    """Write the clips of `CLIPS`, and one with zeros in the middle of its packets."""
    paths = [_encode(folder / name, options) for name, options in CLIPS.items()]
    damaged = _encode(folder / "damaged.ts", ["-c:v", "libx264"])
    content = bytearray(damaged.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4000] = bytes(4000)
    damaged.write_bytes(bytes(content))
    return [*paths, damaged]


def _encode(path: Path, options: list[str]) -> Path:
    source = str(media() / "single_face.mp4")
    command = ["ffmpeg", "-y", "-v", "error", "-i", source, "-an", *options, str(path)]
    subprocess.run(command, check=True)
    return path


def cases(folder: Path) -> Iterator[Case]:
    """Every case; clips and results of the command line are written to `folder`."""
    videos = [media() / name for name in ("single_face.mp4", "face_noface.mov", "no_face.mp4")]
    yield from _video_cases([*videos, *encoded_clips(folder)])
    engine = mien.Engine()
    yield from _photograph_cases(engine)
    yield from _array_cases(engine, videos[0])
    yield "video-window", partial(engine.analyze, videos[0], every=2, start=0.4, end=2.0)
    yield "streamed", lambda: pd.concat(list(engine.stream(videos[1], 16)))
    yield "resumed-in-memory", partial(_resumed, engine, videos[0])
    yield "resumed-on-disk", partial(_resumed_on_disk, folder, videos[0])


def _video_cases(videos: list[Path]) -> Iterator[Case]:
    for threads, batch in ((1, 1), (2, 8)):
        engine = mien.Engine(threads=threads, batch_size=batch)
        for video in videos:
            for detect in ("track", "every"):
                name = f"{video.stem}-{detect}-threads{threads}-batch{batch}"
                yield name, partial(engine.analyze, video, detect=detect)


def _photograph_cases(engine: mien.Engine) -> Iterator[Case]:
    photographs = sorted(p for p in media().iterdir() if p.suffix in (".jpg", ".png"))
    for photograph in photographs:
        yield f"photograph-{photograph.stem}", partial(engine.analyze, photograph)
    yield "photographs-together", partial(engine.analyze, photographs)
    large = mien.Engine(detection_size=640, score_threshold=0.4, max_faces=3)
    yield "photographs-detection640", partial(large.analyze, photographs)


def _array_cases(engine: mien.Engine, video: Path) -> Iterator[Case]:
    frames = np.stack([frame.rgb for frame in mien.read_frames(video)])
    yield "array-track", partial(engine.analyze, frames, fps=24, detect="track")
    yield "array-every", partial(engine.analyze, frames[::-1].copy(), detect="every")
    yield "array-window", partial(engine.analyze, frames, fps=24, every=3, start=0.5, end=2.5)
    yield "live-track", partial(_live, frames, "track")
    yield "live-every", partial(_live, frames, "every")


def _live(frames: Pixels, detect: Any) -> pd.DataFrame:
    """Rows of frames (N, height, width, 3) that are analysed one by one."""
    engine = mien.Engine()
    rows = [
        engine.analyze_frame(frame, time=i / 24, detect=detect) for i, frame in enumerate(frames)
    ]
    return pd.concat(rows)


def _resumed(engine: mien.Engine, video: Path) -> pd.DataFrame:
    """Rows of a stream that was stopped after 24 frames and continued."""
    first = next(iter(engine.stream(video, 24)))
    return pd.concat([first, *engine.stream(video, 24, after=first)])


def _resumed_on_disk(folder: Path, video: Path) -> pd.DataFrame:
    """Rows that ``mien analyze --resume`` wrote for a folder which grew between two runs."""
    source, target = folder / "in", folder / "out"
    source.mkdir()
    command = [sys.executable, "-m", "mien", "analyze", str(source), "-o", str(target), "--resume"]
    for name in (video.name, "again.mp4"):
        (source / name).write_bytes(video.read_bytes())
        subprocess.run(command, check=True, capture_output=True)
    return pd.concat([mien.read_table(path) for path in sorted(target.glob("*.parquet"))])


def make(folder: Path) -> None:
    """Save the table of every case in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        for name, analyze in cases(Path(temporary)):
            table = analyze().reset_index(drop=True)
            np.savez(folder / f"{name}.npz", **arrays(table))  # type: ignore[arg-type]
            print(f"{name}: {len(table)} rows", flush=True)


def arrays(table: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """Columns of a table as arrays without Python objects; `input` without its folders."""
    columns = {str(c): np.asarray(table[c]) for c in table.columns if c != "input"}
    columns["input"] = np.array([Path(str(name)).name for name in table["input"]])
    columns["status"] = np.asarray(table["status"].astype(str), str)
    return {name: _plain(values) for name, values in columns.items()}


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    """Objects as float64, missing ones as NaN, so that nothing has to be unpickled."""
    return pd.array(values).to_numpy(float, na_value=np.nan) if values.dtype == object else values


def compare(first: Path, second: Path) -> list[str]:
    """Differences between the tables of two folders, a line each; none if all bits are the same."""
    names = sorted({path.name for folder in (first, second) for path in folder.glob("*.npz")})
    differences = [line for name in names for line in _differences(first / name, second / name)]
    print(f"{len(names)} tables, {len(differences)} differences")
    return differences


def _differences(first: Path, second: Path) -> list[str]:
    if not first.exists() or not second.exists():
        return [f"{first.name}: only in one of the folders"]
    with np.load(first) as one, np.load(second) as other:
        if list(one) != list(other):
            return [f"{first.name}: other columns or another order"]
        return [f"{first.name}: {name}" for name in one if not _same(one[name], other[name])]


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return bool(one.dtype == other.dtype and one.tobytes() == other.tobytes())


def main(arguments: list[str] | None = None) -> None:
    """Make or compare tables, as the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.golden", description=__doc__.split("\n")[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("make").add_argument("folder", type=Path)
    comparison = commands.add_parser("compare")
    comparison.add_argument("first", type=Path)
    comparison.add_argument("second", type=Path)
    args = parser.parse_args(arguments)
    if args.command == "make":
        make(args.folder)
        return
    differences = compare(args.first, args.second)
    print("\n".join(differences))
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
