"""All inputs of a plan, several at a time on one engine: its weights and threads are shared, its
streams are independent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path

from mien._engine.frame_producer import start_thread
from mien._engine.sources import Source
from mien._engine.stream_session import Progress
from mien.batch._checkpoint import Checkpoint, claimed
from mien.batch._failures import failures_reported
from mien.batch._images import analyze_images
from mien.batch._job import JobContext, Task, discard_checkpoint, is_finished
from mien.batch._made_tables import MadeTables
from mien.batch._numa import NodeEngines, node_engines
from mien.batch._plan import Plan
from mien.batch._report import Report
from mien.batch._target_names import block_target, targets_in
from mien.batch._videos import analyze_video
from mien.engine import Engine
from mien.errors import InputError, OptionError
from mien.formats._atomic_write import make_folder
from mien.options import ReadOptions

__all__ = ["run"]


# Inputs at work at a time: while one waits for its disk or its decoder, the other keeps the threads
# busy.
JOBS = 2
# Threads that one decoder keeps busy: two cores analyse small videos at a third to a half of the
# speed of decoding.
THREADS_FED = 4
# Images that go through the engine as one stream: enough to keep all threads busy, few enough to
# hear an interrupt.
IMAGES = 32


def run(
    engine: Engine,
    plan: Plan,
    read: ReadOptions | None = None,
    *,
    jobs: int | None = None,
    resume: bool = False,
    progress: Callable[[Sequence[Source]], Progress | None] = lambda _: None,
) -> Iterator[Report]:
    """Analyse the inputs of a plan, one report each, in their order; memory does not grow with
    their length.

    While a video is at work, its rows go to files in the folder ``<target>.parts``; those of one
    table for all inputs are tables of the inputs there. In the end they become the target, and the
    folder goes. What an interrupt or a kill leaves is taken up by a run with `resume`, whose rows
    are those of a run that nothing interrupted.

    Parameters
    ----------
    engine : Engine
    plan : Plan
    read : ReadOptions, optional
        Which frames; `detect` is of videos. By default all.
    jobs : int, optional
        Inputs at work at a time, on the engine's threads; by default one for every four threads,
        and 2 at least. Never changes a row. On a machine with several memory nodes, and jobs for
        each of them, a job stays on one node's cores, for which there is an engine of its own then.
    resume : bool
        Skip inputs whose target is finished, and go on with those that were interrupted. Without it
        every input is begun anew, and its report says if an interrupted run's rows went.
    progress : callable, optional
        Called with the source, or a block of images, that begins; what it returns goes to the
        engine.

    Yields
    ------
    Report

    Raises
    ------
    OptionError
        Less than one job. With `resume`, and one table for all: it was made with something else.
    OutputError
        One table for all can't be written, or another run is writing it.
    ResourceError
        The system makes no thread for a job.
    """
    if jobs is not None and jobs < 1:
        raise OptionError(f"jobs: wanted at least 1, got {jobs}")
    to_one = plan.single is not None and len(plan.inputs) > 1
    kind = "parquet" if to_one else plan.kind
    makes_folders = to_one or plan.single is None
    job = JobContext(engine, kind, resume, read or ReadOptions(), progress, makes_folders)
    yield from plan.failures
    if to_one:
        yield from _to_one_table(job, plan, jobs)
    else:
        yield from _run_tasks(job, _tasks(plan.inputs, one_table=False), jobs)


def _tasks(inputs: Sequence[tuple[Source, Path]], *, one_table: bool) -> list[Task]:
    """Videos one by one, neighbouring images in blocks; of one table, a block's images share a
    file.
    """
    tasks = []
    for images, group in groupby(inputs, key=lambda pair: pair[0].kind == "image"):
        pairs = list(group)
        size = IMAGES if images else 1
        for i in range(0, len(pairs), size):
            sources, targets = map(list, zip(*pairs[i : i + size], strict=True))
            if one_table:
                targets = [block_target(targets[0], sources)] * len(targets)
            tasks.append(Task(sources, targets))
    return tasks


def _run_tasks(job: JobContext, tasks: list[Task], jobs: int | None) -> Iterator[Report]:
    jobs = jobs or max(JOBS, job.engine.options["threads"] // THREADS_FED)
    engines = node_engines(job.engine, jobs, len(tasks))
    with ThreadPoolExecutor(jobs, "mien-job", initializer=engines.pin_thread) as pool:
        try:
            waiting = [
                start_thread(partial(pool.submit, _run_task, job, engines, task), "jobs")
                for task in tasks
            ]
            for done in waiting:
                yield from done.result()
        except BaseException:
            job.stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _run_task(job: JobContext, engines: NodeEngines, task: Task) -> list[Report]:
    reports = [Report(source.name) for source in task.sources]
    with failures_reported(reports):
        if job.makes_folders:
            for folder in {target.parent for target in task.targets}:
                make_folder(folder)  # again, if somebody has removed it
        job = replace(job, engine=engines.engine)
        images = task.sources[0].kind == "image"
        reports = analyze_images(job, task) if images else analyze_video(job, task)
    for report in reports:
        if report.target is None and not report.error:
            report.fail(InputError(f"{report.name}: no rows came of it, and no error"))
    return reports


def _to_one_table(job: JobContext, plan: Plan, jobs: int | None) -> Iterator[Report]:
    """All inputs into one table, by way of tables of their own beside it."""
    single = plan.single
    assert single is not None
    with claimed(single):
        checkpoint = Checkpoint(single)
        sources = [source for source, _ in plan.inputs]
        about = Report(str(single))
        if not job.resume:
            discard_checkpoint(checkpoint, about)
        elif not checkpoint.exists and is_finished(job, sources, single, about):
            yield from (Report(source.name, single, kept=True) for source in sources)
            return
        make_folder(checkpoint.folder)
        tasks = _tasks(targets_in(checkpoint.folder, sources, "parquet"), one_table=True)
        tables = MadeTables(single)
        for report in _run_tasks(job, tasks, jobs):
            tables.add(report)
            report.note, about.note = report.note or about.note, None
            yield report
        if tables.join(plan.kind):
            checkpoint.remove()
