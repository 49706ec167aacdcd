"""Images without faces: photographs of scikit-image and scikit-learn, and synthetic drawings."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

_SKIMAGE = [
    "brick",
    "cell",
    "chelsea",
    "clock_motion",
    "coffee",
    "coins",
    "grass",
    "gravel",
    "horse",
    "hubble_deep_field",
    "ihc",
    "moon",
    "motorcycle_left",
    "page",
    "retina",
    "rocket",
    "text",
]
_SKLEARN = ("china", "flower")

Rng = np.random.Generator


def photographs() -> list[np.ndarray]:
    """The sample photographs that show no face, RGB uint8, longer side at most 640."""
    found = []
    for package, names in (("skimage.data", _SKIMAGE), ("sklearn.datasets.images", _SKLEARN)):
        folder = Path(str(files(package)))
        for name in names:
            path = next(
                p for suffix in (".png", ".jpg") if (p := folder / f"{name}{suffix}").exists()
            )
            image = np.asarray(Image.open(path).convert("RGB"))
            scale = min(1.0, 640 / max(image.shape))
            found.append(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    return found


def _colour(rng: Rng) -> tuple[int, int, int]:
    return tuple(int(v) for v in rng.integers(0, 256, 3))


def gradient(rng: Rng, height: int, width: int) -> np.ndarray:
    """A smooth ramp between two or three colours, in any direction."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    ramp = np.cos(angle) * x / width + np.sin(angle) * y / height
    ramp = 255 * (ramp - ramp.min()) / max(float(np.ptp(ramp)), 1e-6)
    stops = rng.integers(0, 256, (int(rng.integers(2, 4)), 3)).astype(np.float32)
    place, every = np.linspace(0, 255, len(stops)), np.arange(256)
    table = np.stack([np.interp(every, place, stops[:, c]) for c in range(3)], -1).astype(np.uint8)
    return table[ramp.astype(np.uint8)]


def texture(rng: Rng, height: int, width: int) -> np.ndarray:
    """Coloured noise summed over octaves: clouds, walls, cloth."""
    rows, columns = (
        (height + 1) // 2,
        (width + 1) // 2,
    )  # at half size: it is smooth, and four times as quick
    total = np.zeros((rows, columns, 3), np.float32)
    fall = rng.uniform(0.4, 0.9)
    for octave in range(int(rng.integers(3, 8))):
        coarse = rng.standard_normal((2**octave + 1, 2**octave + 1, 3)).astype(np.float32)
        if rng.random() < 0.5:
            coarse[:] = coarse[..., :1]
        total += fall**octave * cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_LINEAR)
    small = np.clip(rng.uniform(40, 215) + rng.uniform(10, 60) * total, 0, 255).astype(np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def drawing(rng: Rng, height: int, width: int) -> np.ndarray:
    """Flat shapes, ridges, discs, lines and lettering, as in posters, maps and user interfaces."""
    canvas = gradient(rng, height, width)
    if rng.random() < 0.4:
        canvas[:] = _colour(rng)
    for _ in range(int(rng.integers(1, 18))):
        kind, line = rng.integers(0, 7), int(rng.choice([-1, 1, 2, 4]))
        a = (int(rng.integers(-20, width + 20)), int(rng.integers(-20, height + 20)))
        b = (int(rng.integers(-20, width + 20)), int(rng.integers(-20, height + 20)))
        if kind == 0:
            cv2.rectangle(canvas, a, b, _colour(rng), line)
        elif kind == 1:
            cv2.circle(
                canvas,
                a,
                int(rng.integers(2, max(height, width) // 3)),
                _colour(rng),
                line,
                cv2.LINE_AA,
            )
        elif kind == 2:
            axes = (int(rng.integers(2, width // 3)), int(rng.integers(2, height // 3)))
            cv2.ellipse(
                canvas, a, axes, rng.uniform(0, 180), 0, 360, _colour(rng), line, cv2.LINE_AA
            )
        elif kind == 3:
            _ridge(rng, canvas)
        elif kind == 4:
            corners = np.stack([rng.integers(0, width, 6), rng.integers(0, height, 6)], 1)[
                : rng.integers(3, 7)
            ]
            cv2.fillPoly(canvas, [corners.astype(np.int32)], _colour(rng), cv2.LINE_AA)
        elif kind == 5:
            cv2.line(canvas, a, b, _colour(rng), int(rng.integers(1, 9)), cv2.LINE_AA)
        else:
            letters = "".join(chr(c) for c in rng.integers(33, 126, int(rng.integers(1, 14))))
            cv2.putText(
                canvas,
                letters,
                a,
                int(rng.integers(0, 8)),
                rng.uniform(0.3, 3),
                _colour(rng),
                int(rng.integers(1, 5)),
                cv2.LINE_AA,
            )
    return canvas


def specks(rng: Rng, height: int, width: int) -> np.ndarray:
    """Small heaps of coloured blobs on a smooth ground: balloons, birds, fruit, distant things."""
    canvas = gradient(rng, height, width) if rng.random() < 0.6 else texture(rng, height, width)
    for _ in range(int(rng.integers(1, 8))):
        size = rng.uniform(4, 40)
        middle = rng.uniform(0, 1, 2) * (width, height)
        palette = [_colour(rng) for _ in range(3)]
        for _ in range(int(rng.integers(2, 12))):
            x, y = (int(v) for v in middle + rng.normal(0, size / 3, 2))
            axes = tuple(int(v) for v in np.maximum(size * rng.uniform(0.05, 0.6, 2), 1))
            fill = palette[rng.integers(3)]
            cv2.ellipse(canvas, (x, y), axes, rng.uniform(0, 180), 0, 360, fill, -1, cv2.LINE_AA)
    return canvas


def _ridge(rng: Rng, canvas: np.ndarray) -> None:
    height, width = canvas.shape[:2]
    peaks = int(rng.integers(3, 14))
    x = np.linspace(0, width, peaks)
    y = rng.uniform(0.2, 1.0) * height + rng.uniform(-0.25, 0.25, peaks) * height
    if rng.random() < 0.5:
        fine = np.linspace(0, width, 80)
        x, y = fine, np.interp(fine, x, y) + 6 * np.sin(fine / rng.uniform(4, 30))
    line = np.stack([x, y], 1)
    outline = np.concatenate([line, [[width, height], [0, height]]]).astype(np.int32)
    cv2.fillPoly(canvas, [outline], _colour(rng), cv2.LINE_AA)


def plain(rng: Rng, height: int, width: int) -> np.ndarray:
    """One colour, sometimes with a little noise."""
    canvas = np.empty((height, width, 3), np.uint8)
    canvas[:] = _colour(rng) if rng.random() < 0.6 else int(rng.integers(0, 256))
    if rng.random() < 0.5:
        noise = rng.normal(0, rng.uniform(1, 12), canvas.shape)
        canvas = np.clip(canvas + noise, 0, 255).astype(np.uint8)
    return canvas


def crop(rng: Rng, image: np.ndarray, height: int, width: int) -> np.ndarray:
    """A random part of an image, mirrored or not, resized to fill height x width."""
    rows, columns = image.shape[:2]
    scale = rng.uniform(0.25, 1.0) * min(rows / height, columns / width)
    h, w = max(int(height * scale), 4), max(int(width * scale), 4)
    top, left = int(rng.integers(0, rows - h + 1)), int(rng.integers(0, columns - w + 1))
    part = cv2.resize(
        image[top : top + h, left : left + w], (width, height), interpolation=cv2.INTER_LINEAR
    )
    return part[:, ::-1].copy() if rng.random() < 0.5 else part
