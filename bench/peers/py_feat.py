"""Worker: the networks of py-feat 2's Detectorv2 with random weights, an upper bound on its speed.

RetinaFace on the whole frame, then the multi-task network and ArcFace on one crop, each on every
core and with the lightest heads that the code knows. Reading, cropping, suppression and the table,
which Detectorv2 does besides, are left out.
"""

from __future__ import annotations

import os
from typing import Any

import cv2
import feat
import torch
from feat.face_detectors.Retinaface.Retinaface_model import RETINAFACE_R34_CFG, RetinaFace
from feat.identity_detectors.arcface.iresnet import iresnet50
from feat.multitask import MEGraphAUv2, ModelV2Config

from bench.peers.protocol import Count, Stopwatch, serve_timed

torch.set_num_threads(len(os.sched_getaffinity(0)))
torch.set_flush_denormal(True)  # random weights make some, which trained ones do not
_config = ModelV2Config(
    n_au=20, n_emotion=7, use_head_v3=True, drop_mefl=True, n_blendshape=52, pretrained=False
)
_detector = RetinaFace(RETINAFACE_R34_CFG).eval()
_behaviour = MEGraphAUv2(_config).eval()
_identity = iresnet50().eval()


@torch.inference_mode()
def run(clip: str, options: dict[str, Any]) -> tuple[Count, Stopwatch]:
    """Analyse a clip and count its frames and faces."""
    del options
    capture = cv2.VideoCapture(clip)
    count = Count()
    watch = Stopwatch()
    while (read := capture.read())[0]:
        frame, chip, face = (_tensor(p) for p in (read[1], *_crops(read[1])))
        watch.start()
        _detector(frame)
        _behaviour(chip)
        _identity(face)
        watch.stop()
        count.add(1)
    return count, watch


def _crops(bgr: Any) -> tuple[Any, Any]:
    """The middle of the frame, as large as both networks want it."""
    height, width = bgr.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    middle = bgr[top : top + side, left : left + side]
    return cv2.resize(middle, (224, 224)), cv2.resize(middle, (112, 112))


def _tensor(bgr: Any) -> torch.Tensor:
    return torch.from_numpy(bgr).permute(2, 0, 1).float().div(255).sub(0.5)[None].contiguous()


if __name__ == "__main__":
    serve_timed({"version": feat.__version__}, run)
