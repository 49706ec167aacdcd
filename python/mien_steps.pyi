"""Single steps of mien's engine (C++), for tests against references and for bench/micro.

CMake builds this extension where MIEN_TESTS or MIEN_BENCH is ON; wheels leave it out. A similarity
is the tuple (a, b, tx, ty): x' = a x - b y + tx, y' = b x + a y + ty. Boxes are in pixels.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

Similarity: TypeAlias = tuple[float, float, float, float]
Channels: TypeAlias = tuple[float, float, float]

class Image:
    """An image as the steps take it."""

    @overload
    def __init__(self, rgb: NDArray[np.uint8]) -> None: ...
    @overload
    def __init__(
        self,
        planes: Sequence[NDArray[np.uint8]],
        *,
        model: str,
        chroma_shift_x: int = 0,
        chroma_shift_y: int = 0,
        matrix: str = "601",
        full_range: bool = False,
        width: int,
        height: int,
    ) -> None: ...
    def to_rgb(self) -> NDArray[np.uint8]:
        """RGB values, (height, width, 3)."""

def active_isa() -> str:
    """Name of the instruction set that this extension's steps use."""

def limit_isa(name: str) -> str:
    """Let this extension's steps use no more than an instruction set: baseline, avx2 or avx512;
    returns the one in use.
    """

class LetterboxPlan:
    """Where a letterboxed image lies; pixels."""

    @property
    def content_width(self) -> int: ...
    @property
    def content_height(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def scale_x(self) -> float: ...
    @property
    def scale_y(self) -> float: ...

def plan_letterbox(width: int, height: int, max_side: int, multiple: int) -> LetterboxPlan: ...
def letterbox(
    image: Image, max_side: int, multiple: int, mean: Channels, std: Channels, border: float
) -> NDArray[np.float32]:
    """The normalized, letterboxed image, (3, height, width)."""

class DetectorInfo:
    """What decoding needs of a network's file."""

    def __init__(
        self,
        strides: Sequence[int],
        min_sizes: Sequence[Sequence[float]],
        variances: tuple[float, float],
    ) -> None: ...

def make_priors(info: DetectorInfo, width: int, height: int) -> NDArray[np.float32]:
    """Centre x, centre y and side of each prior, (N, 3), pixels of the network's input."""

def decode_faces(
    info: DetectorInfo,
    scores: ArrayLike,
    boxes: ArrayLike,
    points: ArrayLike,
    plan: LetterboxPlan,
    score_threshold: float,
    nms_iou: float,
    max_faces: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Boxes (N, 4), scores (N,) and points (N, 5, 2) in pixels of the frame."""

def iou(a: Sequence[float], b: Sequence[float]) -> float:
    """Intersection over union of two boxes (left, top, width, height)."""

def nms(
    boxes: ArrayLike, scores: Sequence[float], iou_threshold: float, max_kept: int
) -> list[int]:
    """Indices of the boxes that are kept, best first."""

def fit_similarity(from_points: ArrayLike, to_points: ArrayLike) -> Similarity:
    """The least-squares similarity from five points (5, 2) to five others."""

def invert(similarity: Similarity) -> Similarity: ...
def apply(similarity: Similarity, point: Sequence[float]) -> tuple[float, float]: ...
def is_usable(similarity: Similarity) -> bool: ...
def warp(
    image: Image,
    frame_to_crop: Similarity,
    size: int,
    mean: Channels,
    std: Channels,
    border: float,
) -> NDArray[np.float32]:
    """The normalized crop, (3, size, size)."""

class Tracker:
    """Follows faces from frame to frame by their boxes."""

    def __init__(self) -> None: ...
    def update(self, frame: int, time: float, boxes: ArrayLike) -> list[int]:
        """The track of each box (N, 4) of the next frame; `time` in seconds."""

def set_runtime_library(path: str) -> None:
    """Which ONNX Runtime library this extension opens."""

def read_model_info(path: str, role: str) -> dict[str, Any]:
    """What a network's file says of itself, checked for a role: localization or behaviour."""

def run_network(
    path: str, input: NDArray[np.float32] | NDArray[np.uint8], provider: str = "cpu"
) -> dict[str, NDArray[np.float32]]:
    """Outputs by name for one input, on one thread."""
