"""Signals that end a run: the first lets it keep what it has done, the next ends it at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

__all__ = ["Interrupted", "signals_as_interrupts"]


# Of the keyboard, of systems that shut down or of schedulers, of a terminal that closes.
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_TOLD = b"\ninterrupted: keeping what was done; once more ends at once\n"


class Interrupted(KeyboardInterrupt):
    """A signal asked the run to end.

    Attributes
    ----------
    signal : int
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.signal = number


@contextmanager
def signals_as_interrupts() -> Iterator[None]:
    """Raise the first of these signals as `Interrupted` in the main thread; the second kills the
    process, as does one where nothing has a handler: what is on disk is whole at any moment. A
    process that was begun to ignore one goes on to.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears of signals, and whoever runs it decides
        return
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    heard = [number for number in numbers if before[number] not in (signal.SIG_IGN, None)]

    def interrupt(number: int, _: FrameType | None) -> None:
        for other in heard:
            signal.signal(other, signal.SIG_DFL)
        with suppress(OSError):  # its terminal is gone
            os.write(2, _TOLD)
        raise Interrupted(number)

    for number in heard:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])
