"""FaceLocalizationNet: faces and five points in one pass (RetinaFace family, made for INT8).

A stem of 4x4 patches, a MobileNet-like body of depthwise-separable blocks, a thin feature pyramid
on strides 8, 16 and 32, one separable context block a level and one 1x1 convolution a level for
everything that level says. Only convolutions, ReLU, additions and nearest upsampling, so that
batch norms fold away and every layer has an 8-bit kernel. Patches instead of a 3x3 stem of stride
2: with three channels the latter took a third of the whole time.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.networks.priors import ANCHORS

VALUES = 1 + 4 + 10  # logit, box, points of one prior
MEAN = (114.0, 114.0, 114.0)  # the letterbox border becomes zero, as is the convolutions' padding
STD = (64.0, 64.0, 64.0)


def _conv(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def _separable(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(_conv(inputs, inputs, 3, stride, inputs), _conv(inputs, outputs, 1))


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
        w = width
        self.stem = nn.Sequential(_patches(2 * w), _separable(2 * w, 2 * w))
        self.stage3 = nn.Sequential(
            _separable(2 * w, 4 * w, 2), *(_separable(4 * w, 4 * w) for _ in range(2))
        )
        self.stage4 = nn.Sequential(
            _separable(4 * w, 8 * w, 2), *(_separable(8 * w, 8 * w) for _ in range(4))
        )
        self.stage5 = nn.Sequential(
            _separable(8 * w, 12 * w, 2), *(_separable(12 * w, 12 * w) for _ in range(2))
        )
        self.lateral = nn.ModuleList(_conv(c * w, pyramid, 1) for c in (4, 8, 12))
        self.merge = nn.ModuleList(_separable(pyramid, pyramid) for _ in range(2))
        self.context = nn.ModuleList(_separable(pyramid, pyramid) for _ in range(3))
        self.head = nn.ModuleList(nn.Conv2d(pyramid, ANCHORS * VALUES, 1) for _ in range(3))
        self._initialize()

    def _initialize(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        for head in self.head:
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)
            head.bias.data[::VALUES] = -4.6  # one prior in a hundred holds a face, to begin with

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        c3 = self.stage3(self.stem(x))
        c4 = self.stage4(c3)
        c5 = self.stage5(c4)
        p3, p4, p5 = (lateral(c) for lateral, c in zip(self.lateral, (c3, c4, c5), strict=True))
        p4 = self.merge[1](p4 + functional.interpolate(p5, scale_factor=2.0))
        p3 = self.merge[0](p3 + functional.interpolate(p4, scale_factor=2.0))
        said = []
        for context, head, level in zip(self.context, self.head, (p3, p4, p5), strict=True):
            out = head(context(level))
            said.append(out.permute(0, 2, 3, 1).reshape(out.shape[0], -1, VALUES))
        every = torch.cat(said, 1)
        return every[..., 0], every[..., 1:5], every[..., 5:]
