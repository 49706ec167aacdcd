"""Worker: MediaPipe's older FaceMesh graph with refined landmarks, tracking on (mediapipe 0.10.14
and before).

Options: `num_faces`. It gives a mesh alone: no blendshapes and no pose. Its construction is not
counted.
"""

from __future__ import annotations

from typing import Any

import cv2
import mediapipe as mp

from bench.peers.protocol import Count, Stopwatch, serve_timed


def run(clip: str, options: dict[str, Any]) -> tuple[Count, Stopwatch]:
    """Analyse a clip and count its frames and faces."""
    with mp.solutions.face_mesh.FaceMesh(
        static_image_mode=False, refine_landmarks=True, max_num_faces=options["num_faces"]
    ) as mesh:
        count = Count()
        watch = Stopwatch()
        capture = cv2.VideoCapture(clip)
        while (read := capture.read())[0]:
            found = mesh.process(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB))
            count.add(len(found.multi_face_landmarks or []))
        watch.stop()
    return count, watch


if __name__ == "__main__":
    serve_timed({"version": mp.__version__}, run)
