"""FaceLocalizationNet: faces and five points in one pass, in three sizes (`build_network`).

`tiny` stands here, RetinaFace's idea made for INT8: a stem of 4x4 patches, a MobileNet-like body of
depthwise-separable blocks, a thin feature pyramid on strides 8, 16 and 32, one separable context
block a level and one 1x1 convolution a level for everything that level says. Only convolutions,
ReLU, additions and nearest upsampling, so that batch norms fold away and every layer has an 8-bit
kernel. Patches instead of a 3x3 stem of stride 2: with three channels the latter took a third of
the whole time. The larger two, as published, are in `retinaface`.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.training.networks.backbones import (
    MobileNet025,
    ResNet50,
    conv,
    initialize,
    load_backbone,
    separable,
)
from models.training.networks.priors import THREE_LEVELS, VALUES
from models.training.networks.retinaface import RetinaFace

MEAN = (114.0, 114.0, 114.0)  # the letterbox border becomes zero, as is the convolutions' padding
STD = (64.0, 64.0, 64.0)


def _patches(outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, outputs, 4, 4, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class FaceLocalizationNet(nn.Module):
    """(N, 3, H, W) float32 -> scores (N, P) logits, boxes (N, P, 4), points (N, P, 10).

    H and W are multiples of 32.

    Parameters
    ----------
    width : int
        A quarter of the channels at stride 8; stem, stages 4 and 5 have 2, 8 and 12 times as many.
    pyramid : int
        Channels of the feature pyramid.
    """

    def __init__(self, width: int = 16, pyramid: int = 48) -> None:
        super().__init__()
        self.grid = THREE_LEVELS
        w = width
        self.stem = nn.Sequential(_patches(2 * w), separable(2 * w, 2 * w))
        self.stage3 = nn.Sequential(
            separable(2 * w, 4 * w, 2), *(separable(4 * w, 4 * w) for _ in range(2))
        )
        self.stage4 = nn.Sequential(
            separable(4 * w, 8 * w, 2), *(separable(8 * w, 8 * w) for _ in range(4))
        )
        self.stage5 = nn.Sequential(
            separable(8 * w, 12 * w, 2), *(separable(12 * w, 12 * w) for _ in range(2))
        )
        self.lateral = nn.ModuleList(conv(c * w, pyramid, 1) for c in (4, 8, 12))
        self.merge = nn.ModuleList(separable(pyramid, pyramid) for _ in range(2))
        self.context = nn.ModuleList(separable(pyramid, pyramid) for _ in range(3))
        self.head = nn.ModuleList(
            nn.Conv2d(pyramid, len(sides) * VALUES, 1) for sides in self.grid.min_sizes
        )
        initialize(self)
        for head in self.head:
            nn.init.normal_(head.weight, std=0.01)
            head.bias.data[::VALUES] = -4.6  # one prior in a hundred holds a face, to begin with

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Images (N, 3, H, W) to scores (N, P), boxes (N, P, 4) and points (N, P, 10)."""
        c3 = self.stage3(self.stem(x))
        c4 = self.stage4(c3)
        c5 = self.stage5(c4)
        p3, p4, p5 = (lateral(c) for lateral, c in zip(self.lateral, (c3, c4, c5), strict=True))
        p4 = self.merge[1](p4 + functional.interpolate(p5, scale_factor=2.0))
        p3 = self.merge[0](p3 + functional.interpolate(p4, scale_factor=2.0))
        outputs = []
        for context, head, level in zip(self.context, self.head, (p3, p4, p5), strict=True):
            out = head(context(level))
            outputs.append(out.permute(0, 2, 3, 1).reshape(out.shape[0], -1, VALUES))
        every = torch.cat(outputs, 1)
        return every[..., 0], every[..., 1:5], every[..., 5:]


def normalize(images: Tensor) -> Tensor:
    """RGB uint8 (N, 3, H, W) to the network's float32 input of the same shape."""
    mean, std = (images.new_tensor(v, dtype=torch.float32).view(1, 3, 1, 1) for v in (MEAN, STD))
    return ((images.float() - mean) / std).contiguous(memory_format=torch.channels_last)


BACKBONES = ("tiny", "mobilenet025", "resnet50")


def build_network(
    backbone: str = "tiny", initial: Mapping[str, Tensor] | None = None, **options: int
) -> FaceLocalizationNet | RetinaFace:
    """A detector with random weights.

    Parameters
    ----------
    backbone : {"tiny", "mobilenet025", "resnet50"}
    initial : mapping, optional
        State dict to start a RetinaFace's backbone from.
    **options
        `FaceLocalizationNet`'s ``width`` and ``pyramid``, or `RetinaFace`'s ``channels`` (64 and
        256, as published) and ``levels`` (5).

    Returns
    -------
    Module with an attribute ``grid``
        (N, 3, H, W) float32 -> scores (N, P) logits, boxes (N, P, 4), points (N, P, 10).
    """
    if backbone == "tiny":
        if initial is not None:
            raise ValueError("backbone tiny: starts from random numbers, not from a state dict")
        return FaceLocalizationNet(**options)
    if backbone not in BACKBONES:
        raise ValueError(f"backbone: wanted one of {BACKBONES}, got {backbone!r}")
    body = MobileNet025() if backbone == "mobilenet025" else ResNet50()
    network = RetinaFace(body, **{"channels": 64 if backbone == "mobilenet025" else 256} | options)
    if initial is not None:
        load_backbone(network.backbone, initial)
    return network
