"""Backbones of RetinaFace: MobileNet-0.25 and ResNet-50.

Both turn (N, 3, H, W) into four maps on strides 4, 8, 16 and 32, finest first; `channels` says how
wide each is. Weights start from random numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


def conv(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, act: bool = True
) -> nn.Sequential:
    """Convolution, batch normalization and, unless ``act`` is False, ReLU."""
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if act else nn.Sequential(*layers)


def separable(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Depthwise 3x3, then 1x1 (Howard et al. 2017)."""
    return nn.Sequential(conv(inputs, inputs, 3, stride, groups=inputs), conv(inputs, outputs, 1))


class MobileNet025(nn.Module):
    """MobileNet (Howard et al. 2017) with a quarter of the channels, 0.21 M parameters.

    ReLU where RetinaFace's published MobileNet has leaky ones: those have no fused 8-bit kernel.
    """

    channels = (32, 64, 128, 256)

    def __init__(self) -> None:
        super().__init__()
        self.stage2 = nn.Sequential(
            conv(3, 8, 3, 2), separable(8, 16), separable(16, 32, 2), separable(32, 32)
        )
        self.stage3 = nn.Sequential(separable(32, 64, 2), separable(64, 64))
        self.stage4 = nn.Sequential(separable(64, 128, 2), *(separable(128, 128) for _ in range(5)))
        self.stage5 = nn.Sequential(separable(128, 256, 2), separable(256, 256))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Images (N, 3, H, W) to the grids C2 to C5 at strides 4, 8, 16 and 32."""
        c2 = self.stage2(x)
        c3 = self.stage3(c2)
        c4 = self.stage4(c3)
        return [c2, c3, c4, self.stage5(c4)]


class Bottleneck(nn.Module):
    """1x1, 3x3 (which takes the stride), 1x1 to four times the width; a shortcut around them."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = 4 * width
        self.conv1, self.bn1 = nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, outputs, 1, bias=False), nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Sequential | None = None
        if stride != 1 or inputs != outputs:
            self.downsample = conv(inputs, outputs, 1, stride, act=False)

    def forward(self, x: Tensor) -> Tensor:
        """Grids (N, C, H, W) to (N, C', H / stride, W / stride)."""
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.relu(self.bn3(self.conv3(y)) + shortcut)


class ResNet50(nn.Module):
    """ResNet-50 (He et al. 2016) without its classifier, 23.5 M parameters.

    Parts carry the names that published state dicts have, so that a user's own can be loaded.
    """

    channels = (256, 512, 1024, 2048)

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        self.relu, self.maxpool = nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)
        self.layer1 = _layer(64, 64, 3, 1)
        self.layer2 = _layer(256, 128, 4, 2)
        self.layer3 = _layer(512, 256, 6, 2)
        self.layer4 = _layer(1024, 512, 3, 2)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Images (N, 3, H, W) to the grids C2 to C5 at strides 4, 8, 16 and 32."""
        c2 = self.layer1(self.maxpool(self.relu(self.bn1(self.conv1(x)))))
        c3 = self.layer2(c2)
        c4 = self.layer3(c3)
        return [c2, c3, c4, self.layer4(c4)]


def _layer(inputs: int, width: int, blocks: int, stride: int) -> nn.Sequential:
    rest = (Bottleneck(4 * width, width, 1) for _ in range(blocks - 1))
    return nn.Sequential(Bottleneck(inputs, width, stride), *rest)


def load_backbone(backbone: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Start a backbone from a state dict of the same network; its classifier (``fc``) is left out.

    Raises RuntimeError where anything else is missing, left over or of another shape.
    """
    backbone.load_state_dict({k: v for k, v in state.items() if not k.startswith("fc.")})


def initialize(network: nn.Module) -> None:
    """He et al.'s normal weights for every convolution, one and zero for batch normalization."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            torch.nn.init.ones_(module.weight)
            torch.nn.init.zeros_(module.bias)
