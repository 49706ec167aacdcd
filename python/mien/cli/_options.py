"""Options that commands share. A field of `EngineOptions` or `ReadOptions` has the option of its
name, with the same default.
"""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = [
    "BatchSize",
    "DecoderThreads",
    "Detect",
    "DetectInterval",
    "DetectionSize",
    "Device",
    "End",
    "Every",
    "Fps",
    "ImagePixels",
    "ImageSide",
    "MaxFaces",
    "PackName",
    "Sar",
    "ScoreThreshold",
    "Start",
    "Threads",
]


PackName = Annotated[str, typer.Option("--pack", help="Name or folder of a model pack.")]

# Of EngineOptions.
Device = Annotated[str, typer.Option(help="cpu, cuda, tensorrt, or auto.", show_default=True)]
Threads = Annotated[
    int | None, typer.Option(help="Worker threads; one per core by default.", show_default=False)
]
BatchSize = Annotated[
    int | None,
    typer.Option(help="Frames a worker takes at a time.", show_default="8, or 32 on a GPU"),
]
DetectionSize = Annotated[
    int | None,
    typer.Option(
        help="Longer side of the image faces are looked for in, pixels.", show_default=False
    ),
]
ScoreThreshold = Annotated[
    float | None, typer.Option(help="Least score of a face, 0-1.", show_default=False)
]
MaxFaces = Annotated[int, typer.Option(help="Most faces of a frame.")]
DetectInterval = Annotated[
    int, typer.Option(help="With track: frames from one detection to the next.")
]
DecoderThreads = Annotated[
    int | None,
    typer.Option(
        help="Threads that decode a video; by default one, or a few for large images.",
        show_default=False,
    ),
]
ImageSide = Annotated[
    int | None,
    typer.Option(
        help=(
            "Decode large JPEG photographs smaller, but with no less than this longer side, pixels."
        ),
        show_default=False,
    ),
]
ImagePixels = Annotated[
    int,
    typer.Option(
        help="Decode photographs of more pixels than this smaller, and refuse those far above."
    ),
]

# Of ReadOptions.
Every = Annotated[int, typer.Option(help="Analyse every n-th frame.")]
Start = Annotated[
    float | None, typer.Option(help="From this time on, seconds.", show_default=False)
]
End = Annotated[float | None, typer.Option(help="Before this time, seconds.", show_default=False)]
Fps = Annotated[
    float | None,
    typer.Option(
        help="Frames per second of raw streams (.mjpeg, .h264), which have no times of their own.",
        show_default=False,
    ),
]
Detect = Annotated[
    str | None,
    typer.Option(
        help=(
            "Where faces are looked for in videos: in every frame, or track (default): in some, "
            "followed between."
        ),
        show_default=False,
    ),
]
Sar = Annotated[
    float | None,
    typer.Option(
        "--sar",
        help=(
            "Width of a pixel through its height, 0.25-4, where the input doesn't say, or wrongly."
        ),
        show_default=False,
    ),
]
