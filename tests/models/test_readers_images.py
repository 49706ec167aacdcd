"""Images of a table's rows: from files, zip files, videos and CSVs."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

cv2 = pytest.importorskip("cv2", reason="images need OpenCV")
pytest.importorskip("pandas", reason="the readers' tables need pandas")

from models.training.datasets.readers import DamagedFileError, MissingFileError
from models.training.datasets.readers.images import ImageReader


def png(value: int, side: int = 8) -> bytes:
    """An image of one colour: red `value`, green and blue 10."""
    image = np.full((side, side, 3), 10, np.uint8)
    image[..., 2] = value  # OpenCV's order is BGR
    return cv2.imencode(".png", image)[1].tobytes()


def test_files_and_archives(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(png(200))
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as archive:
        archive.writestr("x/b.png", png(100))
        archive.writestr("x/c.png", b"nothing")
    with ImageReader(tmp_path) as reader:
        assert reader(None, "a.png", None)[0, 0].tolist() == [200, 10, 10]
        assert reader("some.zip", "x/b.png", None)[0, 0].tolist() == [100, 10, 10]
        assert reader(None, "a.png", None).shape == (8, 8, 3)
        with pytest.raises(DamagedFileError, match=r"some\.zip: x/c\.png: not an image"):
            reader("some.zip", "x/c.png", None)
        with pytest.raises(DamagedFileError, match=r"some\.zip: x/d\.png"):
            reader("some.zip", "x/d.png", None)
        with pytest.raises(MissingFileError, match=r"wanted .*e\.png"):
            reader(None, "e.png", None)
        with pytest.raises(MissingFileError, match="no image in this row"):
            reader(None, None, None)
        (tmp_path / "empty.png").write_bytes(b"")
        with pytest.raises(DamagedFileError, match=r"empty\.png: not an image"):
            reader(None, "empty.png", None)


def test_frames_of_a_video(tmp_path: Path):
    av = pytest.importorskip("av", reason="videos need PyAV")
    levels = (20, 120, 220)
    with av.open(str(tmp_path / "v.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for level in levels:
            pixels = np.full((64, 64, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    with ImageReader(tmp_path) as reader:
        for frame in (0, 2, 1):  # going back begins anew
            assert reader(None, "v.mp4", frame).mean() == pytest.approx(levels[frame], abs=6)
        with pytest.raises(DamagedFileError, match=r"v\.mp4: wanted frame 3, decoding ended at 3"):
            reader(None, "v.mp4", 3)
        (tmp_path / "w.mp4").write_bytes(b"nothing")
        with pytest.raises(DamagedFileError, match=r"w\.mp4: not a video"):
            reader(None, "w.mp4", 0)


def test_rows_of_a_csv(tmp_path: Path):
    rows = [f"{n},{' '.join([str(n)] * 16)},Training" for n in (3, 4)]
    (tmp_path / "fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *rows]))
    with ImageReader(tmp_path) as reader:
        np.testing.assert_array_equal(reader(None, "fer2013.csv", 1), np.full((4, 4, 3), 4))
