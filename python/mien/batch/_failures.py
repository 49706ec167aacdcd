"""The border of a job: what goes wrong inside, of whatever kind, is told and costs only itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mien.batch._report import Report

__all__ = ["Stopped", "failures_reported"]


class Stopped(Exception):
    """The run was interrupted; what was done is on disk."""


@contextmanager
def failures_reported(reports: Sequence[Report]) -> Iterator[None]:
    """An error of whatever kind is the failure of these inputs, as far as they have neither failed
    nor been finished before, and of no other. Interrupts pass.
    """
    try:
        yield
    except Stopped:
        raise
    except Exception as error:  # noqa: BLE001 (all of them, each in its report)
        for report in reports:
            if not report.error and (report.target is None or len(reports) == 1):
                report.fail(error)
