"""RetinaFace (Deng et al. 2020): a feature pyramid, context modules, one head for all levels.

The paper's own pyramid has five levels: P2 to P5 from the backbone's maps, P6 by a 3x3 convolution
of stride 2 on the coarsest. With three it has P3 to P5, as in the small published networks. Left
out are the paper's mesh decoder, its deformable convolutions and the second stage of its cascade:
what is here has only convolutions, ReLU, additions, concatenation, pooling and nearest upsampling.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.training.networks.backbones import MobileNet025, ResNet50, conv, initialize
from models.training.networks.priors import FIVE_LEVELS, THREE_LEVELS, VALUES

GRIDS = {3: THREE_LEVELS, 5: FIVE_LEVELS}
FACES = 0.01  # share of priors that hold a face, to begin with (Lin et al. 2017)


class Pyramid(nn.Module):
    """Lateral 1x1 convolutions, coarse added to fine, 3x3 to smooth (Lin et al. 2017)."""

    def __init__(self, inputs: tuple[int, ...], channels: int, coarser: bool) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(conv(c, channels, 1) for c in inputs)
        self.merge = nn.ModuleList(conv(channels, channels, 3) for _ in inputs[1:])
        self.coarser = conv(inputs[-1], channels, 3, 2) if coarser else None

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        """The backbone's grids, finest first, to the pyramid's, all of the same channels."""
        levels = [lateral(c) for lateral, c in zip(self.lateral, maps, strict=True)]
        for i in reversed(range(len(levels) - 1)):
            above = functional.interpolate(levels[i + 1], scale_factor=2.0)
            levels[i] = self.merge[i](levels[i] + above)
        if self.coarser is not None:
            levels.append(self.coarser(maps[-1]))
        return levels


class Context(nn.Module):
    """What surrounds a face, seen through 3x3, 5x5 and 7x7 pixels (SSH, Najibi et al. 2017)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half, quarter = channels // 2, channels // 4
        self.three = conv(channels, half, 3, act=False)
        self.narrow = conv(channels, quarter, 3)
        self.five = conv(quarter, quarter, 3, act=False)
        self.seven = nn.Sequential(conv(quarter, quarter, 3), conv(quarter, quarter, 3, act=False))

    def forward(self, x: Tensor) -> Tensor:
        """Grids (N, C, H, W) to grids of the same shape, with a wider field of view."""
        narrow = self.narrow(x)
        return functional.relu(torch.cat([self.three(x), self.five(narrow), self.seven(narrow)], 1))


class RetinaFace(nn.Module):
    """(N, 3, H, W) float32 -> scores (N, P) logits, boxes (N, P, 4), points (N, P, 10).

    H and W are multiples of ``grid.multiple``. A score is one logit: the softmax of two classes is
    the sigmoid of their difference.

    Parameters
    ----------
    backbone : MobileNet025 or ResNet50
    channels : int
        Of the pyramid; a multiple of four.
    levels : int
        3 or 5.
    """

    def __init__(
        self, backbone: MobileNet025 | ResNet50, channels: int = 64, levels: int = 5
    ) -> None:
        super().__init__()
        if levels not in GRIDS:
            raise ValueError(f"levels: wanted one of {sorted(GRIDS)}, got {levels}")
        self.grid = GRIDS[levels]
        self.backbone = backbone
        self._first = 0 if levels == 5 else 1  # of the backbone's maps
        self.pyramid = Pyramid(backbone.channels[self._first :], channels, coarser=levels == 5)
        self.context = nn.ModuleList(Context(channels) for _ in range(levels))
        anchors = len(self.grid.min_sizes[0])
        self.head = nn.Conv2d(channels, anchors * VALUES, 1)
        initialize(self)
        nn.init.normal_(self.head.weight, std=0.01)
        self.head.bias.data[::VALUES] = math.log(FACES / (1 - FACES))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Images (N, 3, H, W) to scores (N, P), boxes (N, P, 4) and points (N, P, 10)."""
        levels = self.pyramid(self.backbone(x)[self._first :])
        outputs = []
        for context, level in zip(self.context, levels, strict=True):
            out = self.head(context(level))
            outputs.append(out.permute(0, 2, 3, 1).reshape(out.shape[0], -1, VALUES))
        every = torch.cat(outputs, 1)
        return every[..., 0], every[..., 1:5], every[..., 5:]
