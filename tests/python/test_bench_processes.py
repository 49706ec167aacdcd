"""The benchmarks that watch whole processes still run. How fast and how large is no test's
business.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
pytest.importorskip("av")

from bench.pipeline import memory, startup
from mien.demo import make_clip


def test_way_to_a_first_result(portrait, tmp_path):
    from PIL import Image

    photo = tmp_path / "face.png"
    Image.fromarray(portrait).save(photo)
    result = startup.startup(photo, rounds=1)
    seconds = result["seconds"]
    steps = seconds["import"] + seconds["engine"] + seconds["first_result"]
    assert steps == pytest.approx(seconds["total"], abs=0.01)
    assert seconds["alone"] > 0
    assert seconds["total"] < seconds["process"]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_resident_set_of_a_run(portrait, tmp_path, capsys, monkeypatch):
    clip = tmp_path / "clip.mp4"
    make_clip(portrait, clip)
    output = tmp_path / "memory.json"
    options = ["--minutes", "0.2", "-o", str(output), "--", "--threads", "1"]
    monkeypatch.setattr(sys, "argv", ["memory", str(clip), *options])
    memory.main()
    result = json.loads(output.read_text())
    assert json.loads(capsys.readouterr().out) == result
    assert result["clip"]["frames"] == 360
    assert result["options"] == ["--threads", "1"]
    assert 10 < result["last_peak_mb"] <= result["peak_mb"]
    assert len(result["resident_mb"]) >= 2
    assert result["growth_mb"] == pytest.approx(
        result["last_peak_mb"] - result["first_peak_mb"], abs=0.1
    )


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_run_that_fails_is_no_result(tmp_path, portrait):
    clip = tmp_path / "clip.mp4"
    make_clip(portrait, clip)
    with pytest.raises(SystemExit, match="exit status 2"):
        memory.memory(clip, 0.1, tmp_path, ["--threads", "0"])
