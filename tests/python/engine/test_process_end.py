"""A process may end at any moment: with streams open, with daemon threads at work, by an exception
or an interrupt. It does so without a word and with its own exit status.
"""

from __future__ import annotations

import pytest
from media import RECIPES, make_clip
from scripts import output_of, run_script

START = """
    import sys, threading, time
    import numpy as np, mien
    engine = mien.Engine(device="cpu", threads=2)
    frames = np.zeros((4000, 64, 64, 3), np.uint8)
"""


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    recipe = next(r for r in RECIPES if r.name == "h264-mkv")
    return str(make_clip(tmp_path_factory.mktemp("clip") / "clip", recipe))


@pytest.mark.parametrize("what", ["frames", "sys.argv[1]"])
def test_a_stream_is_open_at_the_end(what, clip):
    output_of(
        START
        + f"""
    parts = engine.stream({what}, 8)
    next(parts)
    """,
        clip,
    )


def test_a_stream_of_pyav_is_open_at_the_end(clip):
    output_of(
        START
        + """
    from mien import _core
    _core.video_decoder_version = lambda: ""
    parts = engine.stream(sys.argv[1], 8)
    next(parts)
    """,
        clip,
    )


def test_streams_are_open_in_a_cycle_that_nobody_collects():
    output_of(
        START
        + """
    import gc
    gc.disable()
    loop = [engine.stream(frames, 8) for _ in range(3)]
    for parts in loop:
        next(parts)
    loop.append(loop)
    """
    )


@pytest.mark.parametrize(
    "task",
    [
        "engine.analyze(frames)",
        "list(engine.stream(frames, 8))",
        "[engine.analyze_frame(frames[0]) for _ in range(10**6)]",
        "[mien.Engine(device='cpu', threads=2) for _ in range(10**6)]",
    ],
)
def test_daemon_threads_are_at_work_at_the_end(task):
    output_of(
        START
        + f"""
    def work():
        {task}
    for _ in range(3):
        threading.Thread(target=work, daemon=True).start()
    time.sleep(0.3)
    """
    )


def test_an_exception_ends_the_program_with_its_own_status():
    done = run_script(
        START
        + """
    parts = engine.stream(frames, 8)
    next(parts)
    raise KeyError("mine")
    """
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith("KeyError: 'mine'")
    assert "terminate" not in done.stderr


def test_an_exit_handler_may_still_analyse():
    printed = output_of(
        """
    import atexit
    @atexit.register
    def last():
        print(len(engine.analyze(frames[:9])))
    """
        + START
        + """
    parts = engine.stream(frames, 8)
    next(parts)
    """
    )
    assert printed == "9"


def test_interrupts_end_an_analysis_however_many_come():
    done = run_script(
        START
        + """
    import os, signal
    def interrupt():
        for _ in range(20):
            time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=interrupt, daemon=True).start()
    while True:
        for part in engine.stream(frames, 8):
            pass
    """
    )
    assert done.returncode in (1, 130, -2)
    assert "KeyboardInterrupt" in done.stderr
    assert "terminate" not in done.stderr


def test_a_closed_stream_says_so_to_a_thread_that_reads_it():
    printed = output_of(
        START
        + """
    from mien import _core
    stream, feed = engine._loaded.core.open_feed(8)
    def read():
        try:
            stream.next(1)
        except mien.errors.InputError as error:
            print(error)
    reader = threading.Thread(target=read)
    reader.start()
    time.sleep(0.2)  # it waits for frames that nobody gives
    stream.close()
    reader.join(60)
    """
    )
    assert printed == "stream: it was closed"
