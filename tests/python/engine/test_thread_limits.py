"""Where the system makes no further thread: a typed error, and the process goes on.

Threads get stacks of a gigabyte, so that a limit on memory refuses the next one.
"""

from __future__ import annotations

import sys

import pytest
from media import RECIPES, make_clip
from scripts import run_script

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")

START = """
    import re, resource, sys, threading
    from pathlib import Path
    import numpy as np, mien
    from mien.errors import ResourceError
    frames = np.zeros((40, 64, 64, 3), np.uint8)
    engine = mien.Engine(device="cpu", threads=1)
    engine.analyze(frames)
    threading.stack_size(1 << 30)
    used = int(re.search(r"VmSize:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) << 10
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    def limit(further):
        resource.setrlimit(resource.RLIMIT_AS, (used + further, most))
    def refused(call):
        try:
            call()
        except ResourceError as error:
            print(error)
        else:
            print("nothing was raised")
"""


def large_stacks():
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (1 << 30, most))


def lines_of(code: str, *arguments: str) -> list[str]:
    done = run_script(START + code, *arguments, before=large_stacks)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout.splitlines()


def test_workers_that_cannot_be_made_are_an_error_and_the_next_engine_works():
    refused, rows = lines_of("""
    limit(5 << 29)
    refused(lambda: mien.Engine(device="cpu", threads=64))
    limit(1 << 40)
    print(len(mien.Engine(device="cpu", threads=2).analyze(frames)))
    """)
    assert refused.startswith("worker ")
    assert "of threads=64: wanted a thread" in refused
    assert rows == "40"


def test_a_stream_without_a_thread_is_an_error_and_the_engine_goes_on():
    refused, live, rows = lines_of("""
    limit(1 << 29)
    refused(lambda: engine.analyze(frames))
    print(len(engine.analyze_frame(frames[0])))
    limit(1 << 40)
    print(len(engine.analyze(frames)))
    """)
    assert "wanted a thread" in refused
    assert (live, rows) == ("1", "40")


def test_a_producer_without_a_thread_is_an_error():
    refused, rows = lines_of("""
    limit(3 << 29)  # one more thread, and not two
    refused(lambda: engine.analyze(frames))
    limit(1 << 40)
    print(len(engine.analyze(frames)))
    """)
    assert "wanted a thread" in refused
    assert rows == "40"


def test_a_video_whose_decoder_gets_no_threads_is_an_error_or_is_decoded(tmp_path):
    recipe = next(r for r in RECIPES if r.name == "h264-mkv")
    clip = make_clip(tmp_path / "clip", recipe)
    (outcome,) = lines_of(
        """
    many = mien.Engine(device="cpu", threads=1, decoder_threads=16)
    limit(3 << 29)
    try:
        print(len(many.analyze(sys.argv[1])) > 0)
    except mien.errors.MienError as error:
        print("refused", error)
    """,
        str(clip),
    )
    assert outcome == "True" or outcome.startswith("refused")
