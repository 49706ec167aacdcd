"""Images of media files, for evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np


def frames(path: Path) -> Iterator[np.ndarray]:
    """Yield the images of a photograph (one) or a video, RGB uint8 (H, W, 3).

    Raises
    ------
    FileNotFoundError
        A photograph that OpenCV cannot read.
    """
    if path.suffix in (".mp4", ".mov"):
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                yield frame.to_ndarray(format="rgb24")
        return
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise FileNotFoundError(f"not a readable image: {path}")
    yield cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
