"""The Parquet table of the teachers' labels: its columns, and the settings that it keeps."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from models.training.datasets import teacher_mesh
from models.training.datasets.paths import model_dir, require

FILES = {
    "mesh": "face_landmarker.task",
    "yunet": "yunet_n_dynamic.onnx",
    "retinaface": "retinaface_mobilenet0.25.pth",
}
METADATA = b"mien.labels"
DETECTOR_THRESHOLD = 0.15
DETECTOR_BORDER = 0.15  # of the longer side: detectors need room around faces that fill a crop


def _fixed(count: int) -> pa.DataType:
    return pa.list_(pa.float32(), count)


FIELDS = {
    "archive": pa.string(),
    "image": pa.string(),
    "frame": pa.int64(),
    "person": pa.string(),
    "width": pa.int32(),
    "height": pa.int32(),
    "error": pa.string(),
}
SAID = {
    "mesh": {
        "mesh": _fixed(teacher_mesh.POINTS * 3),
        "blendshapes": _fixed(len(teacher_mesh.BLENDSHAPES)),
        "pose": _fixed(16),
    },
    "yunet": {"yunet": pa.list_(_fixed(15))},
    "retinaface": {"retinaface": pa.list_(_fixed(15))},
}


@dataclass(frozen=True)
class Settings:
    """All that what the teachers say depends on, beside the images."""

    dataset: str
    teachers: dict[str, dict[str, str]]  # name -> file, sha256
    mesh_threshold: float
    mesh_upscale: int
    mesh_border: float
    detector_threshold: float
    detector_border: float
    detector_side: int  # images longer than this are shown to the detectors at this length
    images: int
    images_sha256: str


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_settings(
    dataset: str, table: pd.DataFrame, teachers: list[str], detector_side: int
) -> Settings:
    """Settings for the images of a table; looks the teachers' files up and hashes them."""
    named = {}
    for teacher in teachers:
        path = require(model_dir() / FILES[teacher], f"teacher {teacher}")
        named[teacher] = {"file": path.name, "sha256": sha256(path)}
    places = table[["archive", "image", "frame"]].to_csv(index=False)
    return Settings(
        dataset=dataset,
        teachers=named,
        mesh_threshold=teacher_mesh.THRESHOLD,
        mesh_upscale=teacher_mesh.UPSCALE.get(dataset, 1),
        mesh_border=teacher_mesh.BORDER.get(dataset, 0.0),
        detector_threshold=DETECTOR_THRESHOLD,
        detector_border=DETECTOR_BORDER,
        detector_side=detector_side,
        images=len(table),
        images_sha256=hashlib.sha256(places.encode()).hexdigest(),
    )


def schema(settings: Settings) -> pa.Schema:
    """The file's columns, with the settings as metadata."""
    fields = dict(FIELDS)
    for teacher in settings.teachers:
        fields |= SAID[teacher]
    return pa.schema(fields, {METADATA: json.dumps(asdict(settings), sort_keys=True).encode()})


def write_whole(table: pa.Table, path: Path) -> None:
    """Write a Parquet file under another name, then give it its own."""
    working = path.with_suffix(f".{os.getpid()}.working")
    try:
        pq.write_table(table, working, compression="zstd")
        working.replace(path)
    finally:
        working.unlink(missing_ok=True)


def read_labels(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The table that `label` wrote, and its settings."""
    table = pq.read_table(path)
    return table.to_pandas(), json.loads(table.schema.metadata[METADATA])
