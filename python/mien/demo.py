"""``mien demo``: a portrait, a clip made from it, and what mien says of them; offline."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.engine import Engine
from mien.errors import InputError, OutputError
from mien.formats.tables import save_table
from mien.table import FaceTable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Demo", "main_columns", "make_clip", "portrait", "run_demo"]


FPS = 30
SECONDS = 3
CLIP_SIZE = (640, 360)  # width, height
# What a first look should show; packs may lack some.
_MAIN = (
    *("input", "frame", "time", "status", "FaceScore", "Pitch", "Roll", "Yaw"),
    *("AU04", "AU06", "AU12", "AU25", "happiness", "neutral", "valence", "arousal"),
)
_PANELS = (("AU12", "AU25", "happiness"), ("Pitch", "Roll", "Yaw"), ("valence", "arousal"))


@dataclass(frozen=True)
class Demo:
    """What the demo made.

    Attributes
    ----------
    table, excerpt : FaceTable
        All rows, and those worth printing.
    files : dict of str to Path
        What it is, and where.
    """

    table: FaceTable
    excerpt: FaceTable
    files: dict[str, Path]


def run_demo(engine: Engine, folder: Path) -> Demo:
    """Analyse the portrait and the clip, and write everything into a folder.

    Parameters
    ----------
    engine : Engine
    folder : Path
        Made if need be.

    Returns
    -------
    Demo

    Raises
    ------
    InputError
        scikit-image, which carries the portrait, isn't installed.
    OutputError
        The folder can't be written.
    """
    image = portrait()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        photo, clip = folder / "portrait.png", folder / "clip.mp4"
        _save_png(image, photo)
        make_clip(image, clip)
    except OSError as error:
        raise OutputError(f"{folder}: can't be written: {error}") from error
    table = engine.analyze([photo, clip])
    is_photo = table["input"] == str(photo)
    seen: FaceTable = table[is_photo]
    moving: FaceTable = table[~is_photo]
    every_tenth: FaceTable = moving[moving["frame"] % 10 == 0]
    excerpt = FaceTable(pd.concat([seen, every_tenth]))
    annotated = cast("Figure", seen.plot_detections(image=image))
    files = {
        "table (Parquet)": save_table(table, folder / "demo.parquet"),
        "table (CSV)": save_table(table, folder / "demo.csv"),
        "annotated image": _save_figure(annotated, folder / "annotated.png"),
        "page": _save_page(folder / "demo.html", engine, annotated, excerpt, moving),
        "portrait": photo,
        "clip": clip,
    }
    return Demo(table, excerpt, files)


def main_columns(table: FaceTable) -> list[str]:
    """Columns worth a first look, of those there are.

    Parameters
    ----------
    table : FaceTable

    Returns
    -------
    list of str
    """
    return [name for name in _MAIN if name in table]


def portrait() -> NDArray[np.uint8]:
    """NASA's portrait of the astronaut Eileen Collins, in the public domain.

    Returns
    -------
    ndarray of uint8, shape (512, 512, 3)
        RGB.

    Raises
    ------
    InputError
        scikit-image, which carries it, isn't installed.
    """
    try:
        import skimage.data as photographs
    except ImportError as error:
        raise InputError(
            "the demo's portrait comes with scikit-image, which isn't installed: "
            "pip install 'mien[demo]'"
        ) from error
    loader: Callable[[], NDArray[np.uint8]] = photographs.astronaut
    return np.asarray(loader(), np.uint8)


def make_clip(image: NDArray[np.uint8], path: Path) -> None:
    """Write a video in which the image's upper middle moves, grows and tilts: 3 s, 30 frames a
    second, 640x360.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
        RGB.
    path : Path
        The video, MP4 by its suffix.
    """
    import av
    from av.codec.codec import UnknownCodecError

    with av.open(str(path), "w") as container:
        try:
            stream: Any = container.add_stream("libx264", rate=FPS, options={"crf": "18"})
        except UnknownCodecError:  # a build of FFmpeg without it
            stream = container.add_stream("mpeg4", rate=FPS, options={"q:v": "3"})
        stream.width, stream.height = CLIP_SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, FPS)
        for index in range(FPS * SECONDS):
            frame = av.VideoFrame.from_ndarray(_view(image, index / (FPS * SECONDS)), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _view(image: NDArray[np.uint8], phase: float) -> NDArray[np.uint8]:
    """The image as the moving camera sees it; phase 0-1 goes once around."""
    import cv2

    swing = np.sin(2 * np.pi * phase)
    height, width = image.shape[:2]
    centre = (0.44 * width + 0.06 * width * swing, 0.24 * height)  # about the face
    zoom = 1.25 + 0.25 * np.cos(2 * np.pi * phase)
    matrix = cv2.getRotationMatrix2D(centre, 12 * swing, zoom)
    matrix[:, 2] += np.array(CLIP_SIZE) / 2 - centre
    return np.asarray(
        cv2.warpAffine(image, matrix, CLIP_SIZE, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _save_png(image: NDArray[np.uint8], path: Path) -> None:
    from PIL import Image

    Image.fromarray(image).save(path)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()


def _save_figure(figure: Figure, path: Path) -> Path:
    return _write(path, _png(figure))


def _write(path: Path, content: bytes) -> Path:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise OutputError(f"{path}: can't be written: {error.strerror or error}") from error
    return path


def _save_page(
    path: Path, engine: Engine, annotated: Figure, excerpt: FaceTable, moving: FaceTable
) -> Path:
    """One HTML file with everything in it."""
    from mien.plot import plot_traces

    panels = [[name for name in panel if name in moving] for panel in _PANELS]
    traces = plot_traces(moving, [panel for panel in panels if panel])
    shown = pd.DataFrame(excerpt[main_columns(excerpt)])
    shown["input"] = [Path(name).name for name in shown["input"]]
    cells = shown.to_html(index=False, border=0, float_format=lambda v: f"{v:.2f}", na_rep="")
    versions = html.escape(f"pack {engine.pack.name} {engine.pack.version}, on {engine.provider}")
    page = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>mien demo</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #222 }}
body {{ max-width: 70em; margin: 2em auto; padding: 0 1em }}
img {{ max-width: 100% }}
.wide {{ overflow-x: auto }}
table {{ border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums }}
th, td {{ padding: .2em .7em; text-align: right; border-bottom: 1px solid #ddd }}
</style>
<h1>mien demo</h1>
<p>A portrait and a clip made from it, analysed on this machine ({versions}).
The portrait is NASA's, of the astronaut Eileen Collins; it is in the public domain.</p>
<h2>The portrait</h2>
{_image(annotated, "the portrait with what was found in it")}
<h2>The clip</h2>
{_image(traces, "columns over time")}
<h2>Rows</h2>
<p>The portrait, then every 10th frame of the clip.
All columns are in demo.parquet and demo.csv.</p>
<div class="wide">
{cells}
</div>
</html>
"""
    return _write(path, page.encode())


def _image(figure: Figure, what: str) -> str:
    data = base64.b64encode(_png(figure)).decode()
    return f'<img alt="{html.escape(what)}" src="data:image/png;base64,{data}">'
