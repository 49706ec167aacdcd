"""Angles of head pose and gaze, from rotations and directions in the camera's frame."""

from __future__ import annotations

import numpy as np


def pose_angles(rotation: np.ndarray) -> np.ndarray:
    """Pitch, Roll, Yaw (N, 3) in radians of rotations R = Rz(Roll) Ry(-Yaw) Rx(-Pitch).

    Positive Pitch looks up, positive Yaw and Roll go to the subject's right. Roll is outermost, so
    that turning the image changes Roll and nothing else.
    """
    roll = np.arctan2(rotation[:, 1, 0], rotation[:, 0, 0])
    yaw = np.arctan2(rotation[:, 2, 0], np.hypot(rotation[:, 0, 0], rotation[:, 1, 0]))
    pitch = -np.arctan2(rotation[:, 2, 1], rotation[:, 2, 2])
    return np.stack([pitch, roll, yaw], 1).astype(np.float32)


def gaze_angles(direction: np.ndarray) -> np.ndarray:
    """gaze_pitch, gaze_yaw (N, 2) in radians of directions (N, 3): up and subject's right."""
    pitch = np.arcsin(np.clip(direction[:, 1], -1, 1))
    return np.stack([pitch, np.arctan2(-direction[:, 0], direction[:, 2])], 1).astype(np.float32)


def turn_in_plane(vectors: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Turn camera vectors (N, 3), y up, by (N,) radians anticlockwise about the viewing axis."""
    c, s = np.cos(angle), np.sin(angle)
    x, y = vectors[:, 0], vectors[:, 1]
    return np.stack([c * x - s * y, s * x + c * y, vectors[:, 2]], 1)
