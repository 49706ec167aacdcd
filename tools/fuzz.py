"""Run a fuzz target: ``python tools/fuzz.py TARGET SECONDS``.

`tables` and `media` mutate tables of every format, and videos and images, and read them with the
package of the preset ``dev`` (``python -m fuzz``). The others are programs of cpp/fuzz for
libFuzzer, of the preset ``fuzz`` (needs Clang): seeds are made where there are none yet, and what
is found is kept in build/fuzz/corpus/TARGET. Exit status 1: something doesn't hold; the input that
shows it is named.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OF_PACKAGE = ("tables", "media")
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


def cmake(preset: str, configure: tuple[str, ...] = (), build: tuple[str, ...] = ()) -> None:
    """Configure and build a preset, with further arguments to either."""
    for step in (["--preset", preset, *configure], ["--build", "--preset", preset, *build]):
        subprocess.run(["cmake", *step], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def fuzz_package(target: str, seconds: int) -> int:
    """Mutate tables or media for so many seconds; 1 if one did what none may do."""
    cmake("dev", configure=(f"-DPython_EXECUTABLE={sys.executable}",))
    package = {"PYTHONPATH": str(ROOT / "build" / "dev" / "python")}
    command = [sys.executable, "-m", "fuzz", target, str(seconds)]
    return subprocess.run(command, cwd=ROOT, env=os.environ | package, check=False).returncode


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


def fuzz_core(target: str, seconds: int) -> int:
    """Run a program of cpp/fuzz for so many seconds; the exit status of libFuzzer."""
    cmake("fuzz", build=("-t", f"fuzz_{target}"))
    corpus = BUILD / "corpus" / target
    if not corpus.exists():
        make_seeds(target, corpus)
    leaks = {"ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1"}
    program = BUILD / f"fuzz_{target}"
    command = [program, *LIMITS, f"-max_total_time={seconds}", f"-artifact_prefix={corpus.parent}/"]
    return subprocess.run([*command, corpus], env=os.environ | leaks, check=False).returncode


def main(target: str, seconds: int) -> int:
    """Fuzz for so many seconds; 0 if everything held."""
    programs = sorted(path.stem for path in (ROOT / "cpp" / "fuzz").glob("*.cc"))
    if target in OF_PACKAGE:
        return fuzz_package(target, seconds)
    if target not in programs:
        sys.exit(f"fuzz: wanted one of {', '.join([*programs, *OF_PACKAGE])}; got {target}")
    return fuzz_core(target, seconds)


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[2].isdigit():
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
