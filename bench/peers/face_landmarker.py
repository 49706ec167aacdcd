"""Worker: MediaPipe FaceLandmarker in video mode with all its outputs: mesh, blendshapes, pose
matrix.

Options: `task`, the path of the official bundle, and `num_faces`. OpenCV reads the file, as
MediaPipe's own examples do. Its construction is not counted.
"""

from __future__ import annotations

from typing import Any

import cv2
import mediapipe as mp

from bench.peers.protocol import Count, Stopwatch, serve_timed


def run(clip: str, options: dict[str, Any]) -> tuple[Count, Stopwatch]:
    """Analyse a clip and count its frames and faces."""
    settings = mp.tasks.vision.FaceLandmarkerOptions(
        base_options=mp.tasks.BaseOptions(model_asset_path=options["task"]),
        running_mode=mp.tasks.vision.RunningMode.VIDEO,
        num_faces=options["num_faces"],
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    with mp.tasks.vision.FaceLandmarker.create_from_options(settings) as landmarker:
        count = Count()
        watch = Stopwatch()
        capture = cv2.VideoCapture(clip)
        while (read := capture.read())[0]:
            rgb = cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB)
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb)
            found = landmarker.detect_for_video(image, count.frames * 33)
            count.add(len(found.face_landmarks))
        watch.stop()
    return count, watch


if __name__ == "__main__":
    serve_timed({"version": mp.__version__}, run)
