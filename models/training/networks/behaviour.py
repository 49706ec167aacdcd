"""The behaviour network: all outputs of an aligned face in one pass.

A plain residual network of dense 3x3 convolutions: on cores with AMX or VNNI they train and run
faster than depthwise ones of the same quality. Two readings of the last 7x7 grid feed the heads:
a full convolution over a narrowed grid, which knows where things are (landmarks, pose, gaze), and
a depthwise one, which weighs each wide channel over the grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

SIZE = 112
BORDER = 114
MEAN = (127.5, 127.5, 127.5)
STD = (127.5, 127.5, 127.5)
# Eye at viewer's left, eye at viewer's right, nose tip, mouth corners viewer's left and right.
# Eyes 35 pixels apart: a jaw dropped by half of that still ends inside the crop.
TEMPLATE = ((38.5, 29.0), (73.5, 29.0), (56.0, 49.1), (41.4, 69.6), (70.6, 69.6))

EXPRESSIONS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
ACTION_UNITS = [
    "AU01",
    "AU02_L",
    "AU02_R",
    "AU04_L",
    "AU04_R",
    "AU05_L",
    "AU05_R",
    "AU06_L",
    "AU06_R",
    "AU07_L",
    "AU07_R",
    "AU09",
    "AU10_L",
    "AU10_R",
    "AU12_L",
    "AU12_R",
    "AU14_L",
    "AU14_R",
    "AU15_L",
    "AU15_R",
    "AU16_L",
    "AU16_R",
    "AU17",
    "AU18",
    "AU20_L",
    "AU20_R",
    "AU22",
    "AU23",
    "AU24_L",
    "AU24_R",
    "AU25",
    "AU26",
    "AU28",
    "AU43_L",
    "AU43_R",
]


@dataclass(frozen=True)
class Head:
    """One output of the network: value = activation(output) * scale + offset."""

    name: str
    columns: tuple[str, ...]
    activation: str
    unit: str
    range: tuple[float, float]
    scale: float = 1.0
    offset: float = 0.0


HEADS = (
    Head("expression", EXPRESSIONS, "softmax", "probability", (0, 1)),
    Head("action_units", tuple(ACTION_UNITS), "sigmoid", "intensity", (0, 1)),
    Head("affect", ("valence", "arousal"), "tanh", "circumplex", (-1, 1)),
    Head(
        "landmarks",
        tuple(f"{axis}_{i}" for axis in "xy" for i in range(68)),
        "identity",
        "crop pixel",
        (0, SIZE - 1),
        scale=16.0,
        offset=(SIZE - 1) / 2,
    ),
    Head("pose", ("Pitch", "Roll", "Yaw"), "identity", "radian", (-1.5708, 1.5708)),
    Head("gaze", ("gaze_pitch", "gaze_yaw"), "identity", "radian", (-1.5708, 1.5708)),
)
WIDTHS = {head.name: len(head.columns) for head in HEADS}

# Which of the 68 points takes a point's place in the mirrored image.
_PAIRS = (
    [(i, 16 - i) for i in range(8)]
    + [(i, 43 - i) for i in range(17, 22)]
    + [(31, 35), (32, 34), (36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46)]
    + [(48, 54), (49, 53), (50, 52), (55, 59), (56, 58), (60, 64), (61, 63), (65, 67)]
)
MIRROR_LANDMARKS = np.arange(68)
for _a, _b in _PAIRS:
    MIRROR_LANDMARKS[_a], MIRROR_LANDMARKS[_b] = _b, _a


def _other_side(unit: str) -> str:
    return unit[:-1] + {"L": "R", "R": "L"}[unit[-1]] if unit[-2] == "_" else unit


MIRROR_UNITS = np.array([ACTION_UNITS.index(_other_side(unit)) for unit in ACTION_UNITS])


def mirror_values(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Values of every head for the crop mirrored left to right.

    Parameters
    ----------
    values : dict
        Head name to (N, K) values in the head's unit (after activation, scale and offset).
    """
    out = dict(values)
    if "action_units" in out:
        out["action_units"] = out["action_units"][:, MIRROR_UNITS]
    if "landmarks" in out:
        x, y = out["landmarks"][:, :68], out["landmarks"][:, 68:]
        out["landmarks"] = np.concatenate(
            [(SIZE - 1) - x[:, MIRROR_LANDMARKS], y[:, MIRROR_LANDMARKS]], 1
        )
    if "pose" in out:
        out["pose"] = out["pose"] * np.array([1, -1, -1], out["pose"].dtype)
    if "gaze" in out:
        out["gaze"] = out["gaze"] * np.array([1, -1], out["gaze"].dtype)
    return out


def _conv(inputs: int, outputs: int, kernel: int, stride: int, relu: bool) -> nn.Sequential:
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if relu else nn.Sequential(*layers)


class _Block(nn.Module):
    """Two 3x3 convolutions and a way around them."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = _conv(inputs, outputs, 3, stride, relu=True)
        self.second = _conv(outputs, outputs, 3, 1, relu=False)
        self.around = (
            nn.Identity()
            if inputs == outputs and stride == 1
            else nn.Sequential(
                nn.Conv2d(inputs, outputs, stride, stride, bias=False), nn.BatchNorm2d(outputs)
            )
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.relu(self.second(self.first(x)) + self.around(x))


class BehaviourNet(nn.Module):
    """Crops (N, 3, 112, 112) to raw head outputs.

    Parameters
    ----------
    stem : int
        Channels of the first convolution, which halves the crop to 56 pixels.
    widths, depths, strides : sequences
        Channels and blocks of each stage, and the stride of its first block; the strides' product
        is 8, so that the last grid has 7 cells a side.
    narrow, placed : int
        Channels of the grid that keeps places, and of what is read from it.
    dropout : float
        Drops features before the expression and affect heads only, whose labels are few.
    """

    def __init__(
        self,
        stem: int = 32,
        widths: tuple[int, ...] = (64, 128, 256),
        depths: tuple[int, ...] = (1, 2, 1),
        strides: tuple[int, ...] = (2, 2, 2),
        narrow: int = 48,
        placed: int = 224,
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        if np.prod(strides) != 8:
            raise ValueError(f"strides: wanted a product of 8, got {tuple(strides)}")
        layers: list[nn.Module] = [_conv(3, stem, 3, 2, relu=True)]
        channels = stem
        for width, depth, stride in zip(widths, depths, strides, strict=True):
            for index in range(depth):
                layers.append(_Block(channels, width, stride if index == 0 else 1))
                channels = width
        self.trunk = nn.Sequential(*layers)
        self.narrow = _conv(channels, narrow, 1, 1, relu=True)
        self.placed = nn.Sequential(
            nn.Conv2d(narrow, placed, 7, bias=False), nn.BatchNorm2d(placed), nn.ReLU(inplace=True)
        )
        self.pooled = nn.Sequential(
            nn.Conv2d(channels, channels, 7, groups=channels, bias=False), nn.BatchNorm2d(channels)
        )
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleDict(
            {head: nn.Conv2d(placed + channels, width, 1) for head, width in WIDTHS.items()}
        )

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """What all heads read, (N, placed + channels, 1, 1)."""
        grid = self.trunk(x)
        return torch.cat([self.placed(self.narrow(grid)), self.pooled(grid)], 1)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        """Raw outputs by head, (N, K) each, before activation, scale and offset."""
        features = self.features(x)
        dropped = self.dropout(features)
        return {
            name: head(dropped if name in ("expression", "affect") else features).flatten(1)
            for name, head in self.heads.items()
        }


# `fast` is the default pack's. `large` follows FacebehaviourNet, whose paper tells of residual
# units at 112x112, 23.1 M parameters and 3.8 GFLOPs but prints no table of layers: four stages of
# 3, 4, 6 and 3 units at 56, 28, 14 and 7 pixels are our reading of those metrics.
SIZES: dict[str, dict[str, object]] = {
    "fast": {},
    "large": {
        "stem": 64,
        "widths": (64, 128, 256, 512),
        "depths": (3, 4, 6, 3),
        "strides": (1, 2, 2, 2),
        "narrow": 48,
        "placed": 448,
    },
}


def build_network(size: str = "fast", **changes: object) -> BehaviourNet:
    """A network of a known size, with some of `BehaviourNet`'s parameters changed."""
    if size not in SIZES:
        raise ValueError(f"network size: wanted one of {sorted(SIZES)}, got {size!r}")
    return BehaviourNet(**(SIZES[size] | changes))


def normalize(images: torch.Tensor) -> torch.Tensor:
    """uint8 (N, H, W, 3) to the network's float32 (N, 3, H, W)."""
    mean, std = (torch.tensor(v, device=images.device) for v in (MEAN, STD))
    return ((images.float() - mean) / std).permute(0, 3, 1, 2)


def activate(outputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Raw outputs to values in each head's unit."""
    kinds = {
        "identity": lambda x: x,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "softmax": lambda x: torch.softmax(x, 1),
    }
    return {h.name: kinds[h.activation](outputs[h.name]) * h.scale + h.offset for h in HEADS}
