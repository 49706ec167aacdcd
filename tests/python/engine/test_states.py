"""The engine's calls in any order, from several threads: every row is that of a plain call."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)

import mien
from mien.demo import portrait
from mien.errors import InputError

FRAMES = 12
LONGEST = 120  # seconds until a call counts as hanging
counts = st.integers(1, FRAMES)


class EngineCalls(RuleBasedStateMachine):
    """Streams half read, live frames, whole analyses and closed streams, side by side."""

    streams = Bundle("streams")
    core_streams = Bundle("core_streams")
    calls = Bundle("calls")

    @initialize(threads=st.integers(1, 3), batch=st.integers(1, 5))
    def make(self, threads: int, batch: int) -> None:
        image = portrait()[::4, ::4]
        self.frames = np.stack([np.roll(image, 2 * i, axis=1) for i in range(FRAMES)])
        self.engine = mien.Engine(device="cpu", threads=threads, batch_size=batch)
        self.table = self.engine.analyze(self.frames, detect="every")
        self.pool = ThreadPoolExecutor(3)
        self.open: dict[int, int] = {}  # frames that a stream has given
        self.live = 0  # frames since the last reset
        self.waiting = []  # that a thread may be reading

    def rows(self, begin: int, end: int) -> pd.DataFrame:
        inside = self.table["frame"].between(begin, end - 1)
        return pd.DataFrame(self.table[inside]).reset_index(drop=True)

    def require_rows(self, given: mien.FaceTable, begin: int, end: int) -> None:
        found = pd.DataFrame(given).reset_index(drop=True)
        pd.testing.assert_frame_equal(found, self.rows(begin, end))

    @rule(target=streams, chunk=counts)
    def open_stream(self, chunk: int):
        parts = self.engine.stream(self.frames, chunk, detect="every")
        self.open[id(parts)] = 0
        return parts, chunk

    @rule(stream=streams)
    def read_on(self, stream) -> None:
        parts, chunk = stream
        begin = self.open[id(parts)]
        part = next(parts, None)
        if begin >= FRAMES:
            assert part is None
            return
        end = min(begin + chunk, FRAMES)
        self.require_rows(part, begin, end)
        self.open[id(parts)] = end

    @rule(stream=consumes(streams))
    def close_half_way(self, stream) -> None:
        stream[0].close()
        assert next(stream[0], None) is None

    @rule(target=calls, first=st.integers(0, FRAMES - 1))
    def analyse_in_a_thread(self, first: int) -> tuple[Future, int]:
        frames = self.frames[first:]
        return self.pool.submit(self.engine.analyze, frames, detect="every"), first

    @rule(call=consumes(calls))
    def take_the_result(self, call: tuple[Future, int]) -> None:
        future, first = call
        table = future.result(LONGEST)
        assert table["frame"].nunique() == FRAMES - first
        columns = ["FaceScore", "AU12", "x_0"]
        expected = self.rows(first, FRAMES)[columns]
        np.testing.assert_array_equal(table[columns], expected)

    @rule(target=core_streams)
    def wait_for_frames_in_a_thread(self):
        stream, feed = self.engine._loaded.core.open_feed(2)
        self.waiting.append(stream)
        return self.pool.submit(stream.next, 1), stream, feed

    @rule(waiting=consumes(core_streams))
    def close_under_a_reader(self, waiting) -> None:
        future, stream, _ = waiting
        stream.close()
        assert isinstance(future.exception(LONGEST), InputError)

    @rule(waiting=consumes(core_streams))
    def end_the_feed_under_a_reader(self, waiting) -> None:
        future, stream, feed = waiting
        feed.close()
        assert future.result(LONGEST) is None
        stream.close()

    @rule(count=st.integers(1, 3))
    def analyse_live(self, count: int) -> None:
        for index in range(self.live, min(self.live + count, FRAMES)):
            rows = self.engine.analyze_frame(self.frames[index], detect="every")
            assert set(rows["frame"]) == {index}
            np.testing.assert_array_equal(rows["AU12"], self.rows(index, index + 1)["AU12"])
        self.live = min(self.live + count, FRAMES)

    @rule()
    def reset(self) -> None:
        self.engine.reset()
        self.live = 0

    @rule(wrong=st.sampled_from([np.zeros((3, 3), np.uint8), np.zeros((64, 64, 3)), 7]))
    def refuse(self, wrong) -> None:
        try:
            self.engine.analyze(wrong)
        except InputError:
            return
        raise AssertionError(f"{wrong!r} was analysed")

    @rule()
    def forget_the_engine(self) -> None:
        """Streams and calls that are under way keep what they need."""
        options = self.engine._loaded.given
        self.engine = mien.Engine(options=options)
        self.live = 0

    @invariant()
    def the_engine_tells_of_itself(self) -> None:
        if hasattr(self, "engine"):
            assert self.engine.provider == "cpu"

    def teardown(self) -> None:
        if hasattr(self, "pool"):
            for stream in self.waiting:
                stream.close()
            self.pool.shutdown(wait=False, cancel_futures=True)
            del self.engine


TestEngineCalls = EngineCalls.TestCase
TestEngineCalls.settings = settings(
    max_examples=4,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
