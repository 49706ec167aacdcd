"""End to end on one clip: mien.analyze beside MediaPipe FaceLandmarker's video mode, in turns in one process.

Both read the same file and give all their outputs (FaceLandmarker: mesh, blendshapes, pose matrix). Import, construction
and one warm-up pass over the first frames are not counted. Needs `pip install mediapipe`.

    python -m bench.peers.mediapipe_video CLIP face_landmarker.task --frames 2000 --rounds 3 -o result.json
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import cv2
import mediapipe as mp

import mien
from bench.machine import machine
from bench.media import loop_clip
from bench.report import report


def run_mediapipe(task: Path, clip: Path) -> tuple[int, int, float]:
    """Frames, frames with a face, seconds."""
    options = mp.tasks.vision.FaceLandmarkerOptions(
        base_options=mp.tasks.BaseOptions(model_asset_path=str(task)),
        running_mode=mp.tasks.vision.RunningMode.VIDEO,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    with mp.tasks.vision.FaceLandmarker.create_from_options(options) as landmarker:
        capture = cv2.VideoCapture(str(clip))
        frames = found = 0
        begin = time.perf_counter()
        while True:
            ok, bgr = capture.read()
            if not ok:
                break
            image = mp.Image(
                image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
            )
            found += bool(landmarker.detect_for_video(image, frames * 33).face_landmarks)
            frames += 1
        return frames, found, time.perf_counter() - begin


def run_mien(engine: mien.Engine, clip: Path) -> tuple[int, int, float]:
    """Frames, frames with a face, seconds."""
    begin = time.perf_counter()
    table = engine.analyze(clip)
    seconds = time.perf_counter() - begin
    return table["frame"].nunique(), table.loc[table["status"] == "ok", "frame"].nunique(), seconds


def run_decoding(clip: Path) -> tuple[int, int, float]:
    """OpenCV's read loop alone, as a yardstick."""
    capture = cv2.VideoCapture(str(clip))
    frames = 0
    begin = time.perf_counter()
    while capture.read()[0]:
        frames += 1
    return frames, 0, time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("task", type=Path)
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("-o", "--output", type=Path)
    args = parser.parse_args()

    engine = mien.Engine()
    with tempfile.TemporaryDirectory() as folder:
        clip = loop_clip(args.clip, Path(folder) / "looped.mp4", args.frames)
        runs = {
            "mien": lambda: run_mien(engine, clip),
            "mediapipe": lambda: run_mediapipe(args.task, clip),
            "opencv_read": lambda: run_decoding(clip),
        }
        short = loop_clip(args.clip, Path(folder) / "short.mp4", 72)
        run_mien(engine, short)
        run_mediapipe(args.task, short)
        rates: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(args.rounds):
            for name, run in runs.items():
                frames, found, seconds = run()
                if frames != args.frames or (name != "opencv_read" and found != frames):
                    sys.exit(f"{name}: {frames} frames, {found} with a face; wanted {args.frames}")
                rates[name].append(frames / seconds)
    medians = {name: statistics.median(values) for name, values in rates.items()}
    result = {
        "machine": machine(),
        "mien": mien.__version__,
        "mediapipe_version": mp.__version__,
        "provider": engine.provider,
        "frames": args.frames,
        "fps": {name: [round(v, 1) for v in values] for name, values in rates.items()},
        "median_fps": {name: round(v, 1) for name, v in medians.items()},
        "ratio_to_mediapipe": round(medians["mien"] / medians["mediapipe"], 2),
        "ratio_to_opencv_read": round(medians["mien"] / medians["opencv_read"], 3),
    }
    report(result, args.output)


if __name__ == "__main__":
    main()
