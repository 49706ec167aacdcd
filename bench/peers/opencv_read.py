"""Worker: OpenCV's read loop alone, what decoding to BGR costs and nothing else."""

from __future__ import annotations

from typing import Any

import cv2

from bench.peers.protocol import Count, serve


def run(clip: str, options: dict[str, Any]) -> Count:
    """Analyse a clip and count its frames and faces."""
    del options
    capture = cv2.VideoCapture(clip)
    count = Count()
    while capture.read()[0]:
        count.add(0)
    return count


if __name__ == "__main__":
    serve({"version": cv2.__version__}, run)
