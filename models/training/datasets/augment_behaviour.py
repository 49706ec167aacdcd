"""Augmentation of training crops: alignment, border, light, sharpness, compression, occlusion.

The border, colour and noise of a crop must not reveal the dataset that it comes from, since the
kind of label depends on the dataset.
"""

from __future__ import annotations

import cv2
import numpy as np

from models.training.datasets.alignment import similarity
from models.training.networks.behaviour import BORDER, SIZE, TEMPLATE

MIDDLE = np.array([(SIZE - 1) / 2, (SIZE - 1) / 2])


def jitter(five: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Transform (2, 3) to the crop of five points (5, 2) as a detector gives them.

    The points are noisy, and off as a whole: 2.5 % of the distance between the eyes each, 6
    degrees, 7 % of the size and 2 pixels together, standard deviations.
    """
    apart = np.linalg.norm(five[1] - five[0])
    noisy = five + random.normal(0, 0.025, five.shape) * apart
    matrix = similarity(noisy, np.array(TEMPLATE))
    angle, scale = random.normal(0, np.radians(6)), np.exp(random.normal(0, 0.07))
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shift = random.normal(0, 2.0, 2)
    linear = turn @ matrix[:, :2]
    offset = turn @ (matrix[:, 2] - MIDDLE) + MIDDLE + shift
    return np.concatenate([linear, offset[:, None]], 1)


def warp_varied(image: np.ndarray, matrix: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Warp to (112, 112, 3) with the outside of the frame filled in one of several ways.

    FER2013's frames end at the face; without this a grey rim would mean "FER2013" to the network.
    """
    size = (SIZE, SIZE)
    kind = random.random()
    if kind < 0.5:
        rgb = cv2.warpAffine(image, matrix, size, borderValue=(BORDER,) * 3)
    elif kind < 0.7:
        rgb = cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    elif kind < 0.85:
        rgb = cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REFLECT)
    else:
        fill = tuple(float(v) for v in random.integers(0, 256, 3))
        rgb = cv2.warpAffine(image, matrix, size, borderValue=fill)
    if random.random() < 0.2:  # a face at the frame's edge
        left, top = random.integers(0, 22, 2)
        right, bottom = SIZE - random.integers(0, 22, 2)
        framed = np.full_like(rgb, BORDER)
        framed[top:bottom, left:right] = rgb[top:bottom, left:right]
        rgb = framed
    return rgb


def photometric(rgb: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Another (112, 112, 3) uint8 image of the same face: the changes below, each by chance."""
    chance = random.random(8)
    if chance[0] < 0.3:
        rgb = cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    if chance[1] < 0.35:
        rgb = _coarse(rgb, random)
    elif chance[1] < 0.5:
        rgb = cv2.GaussianBlur(rgb, (0, 0), float(random.uniform(0.4, 1.8)))
    rgb = _light(rgb, random, tinted=chance[2] < 0.5)
    if chance[3] < 0.15:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(20, 80))]
        rgb = cv2.imdecode(cv2.imencode(".jpg", rgb, quality)[1], cv2.IMREAD_COLOR)
    if chance[4] < 0.15:
        noise = random.normal(0, random.uniform(2, 12), rgb.shape)
        rgb = np.clip(rgb + noise, 0, 255).astype(np.uint8)
    if chance[5] < 0.3:
        height, width = random.integers(12, 44, 2)
        top, left = random.integers(0, SIZE - height), random.integers(0, SIZE - width)
        rgb[top : top + height, left : left + width] = random.integers(0, 256, 3)
    return rgb


def _coarse(rgb: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """As FER2013's 48 pixels, or a face far away."""
    small = int(random.integers(36, 100))
    rgb = cv2.resize(rgb, (small, small), interpolation=cv2.INTER_AREA)
    return cv2.resize(rgb, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)


def _light(rgb: np.ndarray, random: np.random.Generator, tinted: bool) -> np.ndarray:
    """Contrast, brightness, gamma and tint, as one table of 256 levels a channel."""
    ramp = np.arange(256, dtype=np.float32) / 255
    gain, bias = np.exp(random.normal(0, 0.2)), random.normal(0, 0.08)
    ramp = np.clip((ramp - 0.5) * gain + 0.5 + bias, 0, 1) ** np.exp(random.normal(0, 0.2))
    gains = 1 + random.normal(0, 0.12, 3) * tinted
    table = np.clip(ramp[:, None] * gains * 255, 0, 255).astype(np.uint8)
    return cv2.LUT(rgb, np.ascontiguousarray(table.reshape(1, 256, 3)))
