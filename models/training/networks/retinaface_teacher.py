"""RetinaFace with MobileNet-0.25 as published, so that its weights can be loaded: a teacher.

Written from the architecture's description (Deng et al. 2019) and the names and shapes in the
state dict; the file is listed in ``models/registry.toml``.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

MEAN_BGR = (104.0, 117.0, 123.0)
SLOPE = 0.1


def _conv(
    inputs: int, outputs: int, kernel: int = 3, stride: int = 1, act: bool = True
) -> nn.Sequential:
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return (
        nn.Sequential(*layers, nn.LeakyReLU(SLOPE, inplace=True)) if act else nn.Sequential(*layers)
    )


def _separable(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False),
        nn.BatchNorm2d(inputs),
        nn.LeakyReLU(SLOPE, inplace=True),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(SLOPE, inplace=True),
    )


class _Body(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        early = [(8, 16, 1), (16, 32, 2), (32, 32, 1), (32, 64, 2), (64, 64, 1)]
        self.stage1 = nn.Sequential(_conv(3, 8, stride=2), *(_separable(*b) for b in early))
        self.stage2 = nn.Sequential(
            _separable(64, 128, 2), *(_separable(128, 128, 1) for _ in range(5))
        )
        self.stage3 = nn.Sequential(_separable(128, 256, 2), _separable(256, 256, 1))


class _Pyramid(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.output1, self.output2, self.output3 = (_conv(c, 64, 1) for c in (64, 128, 256))
        self.merge1, self.merge2 = _conv(64, 64), _conv(64, 64)

    def forward(self, c3: Tensor, c4: Tensor, c5: Tensor) -> list[Tensor]:
        p3, p4, p5 = self.output1(c3), self.output2(c4), self.output3(c5)
        p4 = self.merge2(p4 + functional.interpolate(p5, size=p4.shape[-2:]))
        p3 = self.merge1(p3 + functional.interpolate(p4, size=p3.shape[-2:]))
        return [p3, p4, p5]


class _Context(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv3X3 = _conv(64, 32, act=False)
        self.conv5X5_1, self.conv5X5_2 = _conv(64, 16), _conv(16, 16, act=False)
        self.conv7X7_2, self.conv7x7_3 = _conv(16, 16), _conv(16, 16, act=False)

    def forward(self, x: Tensor) -> Tensor:
        five = self.conv5X5_1(x)
        parts = [self.conv3X3(x), self.conv5X5_2(five), self.conv7x7_3(self.conv7X7_2(five))]
        return functional.relu(torch.cat(parts, 1))


class _Head(nn.Module):
    def __init__(self, values: int) -> None:
        super().__init__()
        self.values = values
        self.conv1x1 = nn.Conv2d(64, 2 * values, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv1x1(x).permute(0, 2, 3, 1).reshape(x.shape[0], -1, self.values)


class RetinaFaceTeacher(nn.Module):
    """(N, 3, H, W) float32 BGR minus `MEAN_BGR` -> logits (N, P), boxes (N, P, 4), points.

    H and W are multiples of 32.
    """

    def __init__(self) -> None:
        super().__init__()
        self.body, self.fpn = _Body(), _Pyramid()
        self.ssh1, self.ssh2, self.ssh3 = _Context(), _Context(), _Context()
        self.ClassHead = nn.ModuleList(_Head(2) for _ in range(3))
        self.BboxHead = nn.ModuleList(_Head(4) for _ in range(3))
        self.LandmarkHead = nn.ModuleList(_Head(10) for _ in range(3))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """BGR images (N, 3, H, W) to logits (N, P), boxes (N, P, 4) and points (N, P, 10)."""
        c3 = self.body.stage1(x)
        c4 = self.body.stage2(c3)
        levels = self.fpn(c3, c4, self.body.stage3(c4))
        context = [ssh(p) for ssh, p in zip((self.ssh1, self.ssh2, self.ssh3), levels, strict=True)]

        def gather(heads: nn.ModuleList) -> Tensor:
            return torch.cat([head(c) for head, c in zip(heads, context, strict=True)], 1)

        classes = gather(self.ClassHead)
        return classes[..., 1] - classes[..., 0], gather(self.BboxHead), gather(self.LandmarkHead)


def load_teacher(path: str | Path) -> RetinaFaceTeacher:
    """The teacher with its published weights, in evaluation mode."""
    network = RetinaFaceTeacher()
    network.load_state_dict(torch.load(path, weights_only=True, map_location="cpu"))
    return network.eval().requires_grad_(False)
