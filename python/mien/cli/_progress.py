"""Progress bars of inputs at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from mien._engine.sources import Source
from mien.batch import Report
from mien.cli._console import err, shown

__all__ = ["ProgressBars", "progress_bars"]


class _RateColumn(ProgressColumn):
    """Frames a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.0f} fps", style="progress.data.speed")


class ProgressBars:
    """A progress bar for each video, or block of images, at work.

    Parameters
    ----------
    progress : rich.progress.Progress
        Where they are drawn.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}  # by the name of its last input: its report ends it

    def begin(self, sources: Sequence[Source]) -> Callable[[str, int, int | None], None]:
        """Draw a bar; called from the threads that do the work.

        Parameters
        ----------
        sources : sequence of Source
            What begins.

        Returns
        -------
        callable
            Moves the bar; see `progress` of `mien.Engine.analyze`.
        """
        name = shown(Path(sources[0].name).name)
        more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
        task = self._progress.add_task(name + more, total=None)
        self._tasks[sources[-1].name] = task

        def advance(_: str, done: int, total: int | None) -> None:
            self._progress.update(task, completed=done, total=total)

        return advance

    def end(self, report: Report) -> None:
        """Remove the bar of which this is the last report, if it is."""
        if report.name in self._tasks:
            self._progress.remove_task(self._tasks.pop(report.name))


@contextmanager
def progress_bars(quiet: bool) -> Iterator[ProgressBars]:
    """Bars on stderr as long as the context lasts; none if `quiet`."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err(), transient=True, disable=quiet) as progress:
        yield ProgressBars(progress)
