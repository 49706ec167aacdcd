"""A small table in every format that mien reads."""

from __future__ import annotations

import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow.parquet as pq

__all__ = ["Seed", "parquet_metadata", "table_seeds", "with_parquet_metadata"]

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests/python"))


class Seed(NamedTuple):
    """A good input.

    Attributes
    ----------
    name, reader : str
        Format, and the function of mien's that reads it.
    files : dict of str to bytes
        The file that is read, then those beside it.
    separator : str
        Between the cells of a text table.
    """

    name: str
    reader: str
    files: dict[str, bytes]
    separator: str = ""


def table_seeds() -> list[Seed]:
    """Seeds of all formats, from tables made by hand."""
    return [*_own(), *_foreign()]


def _own() -> list[Seed]:
    from synthetic_tables import make_table

    import mien

    table = make_table(6)
    table["condition"] = pd.Categorical(["a", "b"] * (len(table) // 2) + ["a"] * (len(table) % 2))
    table["begun"] = pd.Timestamp("2026-03-01").as_unit("us")
    table["target"] = pd.array([True, None] * (len(table) // 2) + [False] * (len(table) % 2))
    events = pd.DataFrame({"onset": [0.1], "offset": [0.2], "tier": ["AU12"], "value": ["é"]})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table.save(folder / "t.parquet")
        table.write(folder / "t.csv", dictionary=None)
        table.write(folder / "f.csv", "feat", dictionary=None)
        table.write(folder / "o.csv", "openface", columns="known", dictionary=None)
        mien.write_elan(events, folder / "e.eaf")
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
        hdf = _hdf(table, folder)
    return [
        Seed("parquet", "read_table", {"t.parquet": files["t.parquet"]}),
        Seed("csv", "read_table", {n: files[n] for n in ("t.csv", "t.csv.json")}, ","),
        Seed("feat", "read_feat", {"f.csv": files["f.csv"]}, ","),
        Seed("openface", "read_openface", {"o.csv": files["o.csv"]}, ","),
        Seed("elan", "read_elan", {"e.eaf": files["e.eaf"]}),
        *hdf,
    ]


def _hdf(table: Any, folder: Path) -> list[Seed]:
    try:
        import h5py  # noqa: F401
    except ImportError:
        return []
    small = table[["input", "frame", "time", "face", "track", "status", "AU12", "begun", "target"]]
    content = small.write(folder / "t.h5").read_bytes()
    return [Seed("hdf5", "read_table", {"t.h5": content})]


def _foreign() -> list[Seed]:
    affectiva = [{"joy": 99.0, "valence": -50.0, "timestamp": 0.5, "FileName": "a", "smile": 1.0}]
    nested = [{"emotions": {"joy": 9.0}, "expressions": {"smile": 3.0}, "timestamp": 0.5}]
    return [
        Seed("imotions", "read_imotions", {"i.txt": _imotions()}, "\t"),
        Seed("imotions affectiva", "read_imotions", {"i.csv": _csv(_IMOTIONS)}, ","),
        Seed("facereader", "read_facereader", {"d.txt": _facereader()}, "\t"),
        Seed("libreface", "read_libreface", {"l.csv": _csv(_LIBREFACE)}, ","),
        Seed("openface3", "read_openface3", {"v.tsv": _csv(_OPENFACE3, "\t")}, "\t"),
        Seed("pyafar", "read_pyafar", {"p.csv": _csv(_PYAFAR)}, ","),
        Seed("pyafar json", "read_pyafar", {"p.json": json.dumps(_PYAFAR).encode()}),
        Seed("affectiva", "read_affectiva", {"a.json": json.dumps(affectiva * 3).encode()}),
        Seed("affectiva nested", "read_affectiva", {"a.json": json.dumps(nested * 3).encode()}),
    ]


_LIBREFACE = [
    {"frame_idx": i, "frame_time_in_ms": 40.0 * i, "path_to_frame": f"{i}.png", "pitch": 1.0}
    | {"yaw": 2.0, "roll": 3.0, "gaze_yaw": 4.0, "gaze_pitch": 5.0, "au_12": 1}
    | {"au_12_intensity": 2.5, "facial_expression": "Happiness"}
    for i in range(4)
]
_PYAFAR = [
    {"Frame": i, "Person_ID": 1, "Pitch": 2.0, "Yaw": -40.0, "Roll": 0.0, "x_0": 5.0}
    | {"Occ_au_1": 0.7, "Int_au_12": 2.5}
    for i in range(4)
]
_IMOTIONS = [
    {"Row": i, "Timestamp": 35 + 33 * i, "SourceStimuliName": "film", "Anger": 1.0, "Joy": 50.0}
    | {"Smile": 80.0, "Brow Furrow": 2.0, "Pitch": 1.0, "Yaw": 2.0, "Roll": 3.0}
    for i in range(4)
]
_FACEREADER = [
    {"Video Time": f"00:00:00.{40 * i:03d}", "Neutral": 0.5, "Happy": 0.25, "Valence": -0.5}
    | {"X - Head Orientation": 10.0, "Action Unit 12 - Lip Corner Puller": 0.4}
    | {"Action Unit 43 - Eyes Closed": "NotActive", "Age": "20 - 30"}
    for i in range(4)
]
_OPENFACE3 = [
    {"timestamp": "2025-11-01 10:00:00", "image_path": "a.jpg", "frame_index": i, "face_id": 0}
    | {"face_detection": "[10.0, 20.0, 110.0, 220.0, 0.9]", "landmarks": "[[1.0, 2.0]]"}
    | {"emotion": 1, "gaze_yaw": 0.1, "gaze_pitch": -0.2, "action_units": "[[0.1, 0.2]]"}
    for i in range(3)
]


def _csv(rows: list[dict[str, Any]], separator: str = ",") -> bytes:
    return pd.DataFrame(rows).to_csv(sep=separator, index=False).encode()


def _imotions() -> bytes:
    row = {"StudyName": "s", "Name": "p1", "StimulusName": "film", "EventSource": "FACET"}
    row |= {"FrameNo": 0, "NoOfFaces": 1, "FaceRect X": 388.0, "FaceRect Y": 258.0}
    row |= {"Joy Evidence": 1.0, "AU1 Evidence": 0.0, "Yaw Degrees": 10.0, "Pitch Degrees": 1.0}
    rows = [{**row, "Timestamp": 35 + 33 * i} for i in range(4)]
    return b"#Study : Synthetic\n#Version : 6.1\n\n" + _csv(rows, "\t")


def _facereader() -> bytes:
    lost = {**_FACEREADER[0], "Neutral": "FIND_FAILED", "Happy": "FIT_FAILED"}
    head = b"Video analysis detailed log\nFace Model:\tGeneral\nFrame rate: 25\n\n"
    return head + _csv([*_FACEREADER, lost], "\t")


def parquet_metadata(content: bytes) -> dict[bytes, bytes]:
    """Keys and values of a Parquet file's metadata."""
    return dict(pq.read_metadata(io.BytesIO(content)).metadata)


def with_parquet_metadata(content: bytes, key: bytes, value: bytes) -> bytes:
    """The same rows, with another value of one key of the metadata."""
    table = pq.read_table(io.BytesIO(content))
    kept = {k: v for k, v in parquet_metadata(content).items() if k != b"ARROW:schema"}
    out = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({**kept, key: value}), out)
    return out.getvalue()
