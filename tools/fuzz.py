"""Run a fuzz target of cpp/fuzz with libFuzzer: ``python tools/fuzz.py TARGET SECONDS``.

Builds the preset ``fuzz`` (needs Clang), makes seeds where there are none yet, and keeps what it
finds in build/fuzz/corpus/TARGET. Exit status 1: something doesn't hold; the input that shows it is
named.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "fuzz"
# Longest time and most memory for one input.
LIMITS = ("-timeout=20", "-rss_limit_mb=2048", "-max_len=65536")
# Encoder and suffix of the clips that the target `video` starts with; ffmpeg makes those it can.
CLIPS = (
    ("libx264", "mp4"), ("libx264", "mkv"), ("libx264", "ts"), ("libx264", "flv"),
    ("libx265", "mp4"), ("libvpx", "webm"), ("libvpx-vp9", "webm"), ("libaom-av1", "mp4"),
    ("mpeg4", "avi"), ("mpeg4", "mov"), ("mpeg2video", "mpg"), ("mpeg2video", "ts"),
    ("mpeg1video", "mpg"), ("mjpeg", "avi"), ("mjpeg", "mov"), ("msmpeg4", "avi"),
    ("wmv2", "asf"), ("flv", "flv"), ("h263", "3gp"), ("prores", "mov"),
    ("ffv1", "mkv"), ("huffyuv", "avi"), ("rawvideo", "nut"), ("theora", "ogv"),
    ("gif", "gif"),
)  # fmt: skip


def build(target: str) -> Path:
    """Path of the target's program."""
    for step in (["--preset", "fuzz"], ["--build", "--preset", "fuzz", "-t", f"fuzz_{target}"]):
        subprocess.run(["cmake", *step], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return BUILD / f"fuzz_{target}"


def make_seeds(target: str, corpus: Path) -> None:
    """Inputs to start with: networks for `pack`, clips for `video`, nothing for the others."""
    corpus.mkdir(parents=True)
    if target == "pack":
        for network in (ROOT / "tests" / "data" / "models").glob("*.onnx"):
            (corpus / network.name).write_bytes(b"\0" + network.read_bytes())
    if target == "video":
        if shutil.which("ffmpeg") is None:
            sys.exit("fuzz video: wanted the program ffmpeg, which makes the seeds, got none")
        for encoder, suffix in CLIPS:
            make_clip(encoder, corpus / f"{encoder}.{suffix}")


def make_clip(encoder: str, path: Path) -> None:
    """Six frames of 64x64 pixels, where this FFmpeg has the encoder."""
    source = "testsrc2=size=64x64:rate=25"
    command = ["ffmpeg", "-v", "quiet", "-y", "-f", "lavfi", "-i", source, "-frames:v", "6"]
    subprocess.run([*command, "-c:v", encoder, path], check=False)
    if path.exists() and path.stat().st_size == 0:
        path.unlink()


def main(target: str, seconds: int) -> int:
    """Fuzz for so many seconds; the exit status of libFuzzer."""
    known = sorted(path.stem for path in (ROOT / "cpp" / "fuzz").glob("*.cc"))
    if target not in known:
        sys.exit(f"fuzz: wanted one of {', '.join(known)}; got {target}")
    program = build(target)
    corpus = BUILD / "corpus" / target
    if not corpus.exists():
        make_seeds(target, corpus)
    leaks = {"ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1"}
    command = [program, *LIMITS, f"-max_total_time={seconds}", f"-artifact_prefix={corpus.parent}/"]
    return subprocess.run([*command, corpus], env=os.environ | leaks, check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[2].isdigit():
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
