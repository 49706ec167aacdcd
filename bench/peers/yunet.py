"""Worker: OpenCV's YuNet face detector alone, longer side 320. Decoding is not counted.

Options: `model`, the path of the ONNX file for any input size.
"""

from __future__ import annotations

from typing import Any

import cv2

from bench.peers.protocol import Count, Stopwatch, serve_timed

LONGER_SIDE = 320


def run(clip: str, options: dict[str, Any]) -> tuple[Count, Stopwatch]:
    """Analyse a clip and count its frames and faces."""
    capture = cv2.VideoCapture(clip)
    width, height = (
        int(capture.get(p)) for p in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
    )
    scale = LONGER_SIDE / max(width, height)
    size = (round(width * scale), round(height * scale))
    detector = cv2.FaceDetectorYN.create(options["model"], "", size)
    count = Count()
    watch = Stopwatch()
    while (read := capture.read())[0]:
        watch.start()
        _, faces = detector.detect(cv2.resize(read[1], size))
        watch.stop()
        count.add(0 if faces is None else len(faces))
    return count, watch


if __name__ == "__main__":
    serve_timed({"version": cv2.__version__}, run)
