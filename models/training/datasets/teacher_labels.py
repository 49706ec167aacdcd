"""Runs the teachers over a dataset's images, in parallel, and writes their outputs as Parquet.

    python -m models.training.datasets.teacher_labels lfw DATA --out lfw-labels.parquet

Teachers: MediaPipe's FaceLandmarker (478 points, 52 blendshapes, head pose), YuNet and RetinaFace
(boxes and five points). One row per image, whether or not a face was found:

==============================  ===============================================================
column                          holds
==============================  ===============================================================
``archive image frame``         the image, as in the reader's table
``person``                      likewise
``width height``                pixels
``error``                       why the image could not be read; then all below is null
``mesh``                        478 x 3 floats: x, y (pixel centres at whole numbers), z, in
                                pixels; null where FaceLandmarker finds no face
``blendshapes``                 52 floats in the order of `teacher_mesh.BLENDSHAPES`; null likewise
``pose``                        4 x 4 floats, row by row: canonical face to camera; null likewise
``yunet``, ``retinaface``       a list of faces, best first, each 15 floats: score, x0 y0 x1 y1,
                                five points x y; pixels from the image's top-left edge
==============================  ===============================================================

The file's metadata, key ``mien.labels``, is JSON: the dataset, each teacher's file with its
SHA-256, thresholds, and how images were shown. Work is done in parts; each is written under another
name first and then renamed, so that what a stopped run leaves is whole, and running the same
command again goes on from there. Parts of a run with other settings are refused, not mixed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import cv2
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from models.training.datasets import readers
from models.training.datasets.labeller import Labeller
from models.training.datasets.readers.errors import DatasetError
from models.training.datasets.readers.images import ImageReader
from models.training.datasets.teacher_label_table import (
    FILES,
    METADATA,
    Settings,
    make_settings,
    read_labels,
    schema,
    write_whole,
)

_labeller: Labeller | None = None


def _start(settings: Settings) -> None:
    global _labeller  # one set of teachers a process, loaded once
    cv2.setNumThreads(1)
    if "retinaface" in settings.teachers:
        import torch

        torch.set_num_threads(1)
    _labeller = Labeller(settings)


def _label_part(root: Path, rows: pd.DataFrame, settings: Settings, path: Path) -> int:
    if _labeller is None:
        raise RuntimeError("_start was not called in this process")
    said = []
    with ImageReader(root) as open_image:
        for row in rows.itertuples(index=False):
            line = {
                name: None if pd.isna(value) else value
                for name, value in zip(rows.columns, row, strict=True)
            }
            try:
                image = open_image(row.archive, row.image, row.frame)
            except DatasetError as error:
                said.append({**line, "error": str(error)})
                continue
            said.append({**line, **_labeller(image)})
    wanted = schema(settings)
    columns = [pa.array([s.get(f.name) for s in said], f.type) for f in wanted]
    write_whole(pa.Table.from_arrays(columns, schema=wanted), path)
    return len(said)


def _done(path: Path, settings: Settings, rows: int) -> bool:
    if not path.exists():
        return False
    found = pq.read_schema(path).metadata.get(METADATA)
    if found != schema(settings).metadata[METADATA]:
        raise ValueError(
            f"{path}: labelled with other settings or images: {found.decode()}; "
            f"remove {path.parent} to begin anew, or name another --out"
        )
    if (have := pq.read_metadata(path).num_rows) != rows:
        raise ValueError(f"{path}: wanted {rows} rows, got {have}: made with another --part")
    return True


def label(
    root: Path,
    table: pd.DataFrame,
    settings: Settings,
    out: Path,
    processes: int = 1,
    part: int = 256,
) -> Path:
    """Label the images of a reader's table and write `out`; goes on with what is there of it.

    Parameters
    ----------
    root : Path
        Folder of the dataset.
    table : pandas.DataFrame
        What its reader returned, or rows of it.
    settings : Settings
        From `make_settings` for the same table.
    out : Path
        The Parquet file. Parts lie in ``<out>.parts`` until all are there.
    processes, part : int
        Processes at work (1: this one), and images a part.

    Raises
    ------
    ValueError
        Parts of a run with other settings, images or `part`.
    """
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rows = table[["archive", "image", "frame", "person"]]
    folder = out.with_name(out.name + ".parts")
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.working"):  # of a run that was killed while it wrote
        stale.unlink()
    starts = range(0, len(rows), part)
    paths = [folder / f"{start // part:06d}.parquet" for start in starts]
    left = []
    for start, path in zip(starts, paths, strict=True):
        if not _done(path, settings, min(part, len(rows) - start)):
            left.append((start, path))
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(TextColumn(settings.dataset), *columns) as progress:
        done = len(rows) - sum(min(part, len(rows) - start) for start, _ in left)
        task = progress.add_task("images", total=len(rows), completed=done)
        jobs = [(root, rows.iloc[s : s + part], settings, path) for s, path in left]
        for count in _run(jobs, settings, processes):
            progress.advance(task, count)
    _join(paths, settings, out)
    return out


def _run(jobs: list[tuple], settings: Settings, processes: int) -> Iterator[int]:
    """Do the jobs, here if one process is enough; yields the images of each that is done."""
    if processes == 1:
        if jobs:
            _start(settings)
        for job in jobs:
            yield _label_part(*job)
        return
    # MediaPipe and PyTorch start threads, which a forked process would inherit half alive.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _start, (settings,)) as pool:
        work = [pool.submit(_label_part, *job) for job in jobs]
        try:
            for future in as_completed(work):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _join(paths: list[Path], settings: Settings, out: Path) -> None:
    working = out.with_name(out.name + ".working")
    with pq.ParquetWriter(working, schema(settings), compression="zstd") as writer:
        for path in paths:
            writer.write_table(pq.read_table(path))
    working.replace(out)
    for path in paths:
        path.unlink()
    if paths:
        paths[0].parent.rmdir()


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset", choices=readers.READERS)
    parser.add_argument("root", type=Path, help="folder of the dataset")
    parser.add_argument("--out", type=Path, required=True, help="Parquet file to write")
    parser.add_argument("--teachers", nargs="+", choices=list(FILES), default=list(FILES))
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--part", type=int, default=256, help="images a part")
    parser.add_argument("--limit", type=int, help="only the first images")
    parser.add_argument("--detector-side", type=int, default=640, help="longest side, pixels")
    args = parser.parse_args()
    if args.out.exists():
        parser.error(f"{args.out} is there already")
    root = args.root.expanduser().resolve()
    table = readers.read(args.dataset, root)
    table = table[table["image"].notna()][: args.limit]
    settings = make_settings(args.dataset, table, args.teachers, args.detector_side)
    label(root, table, settings, args.out, args.processes, args.part)
    said, _ = read_labels(args.out)
    found = {
        t: said["mesh"].notna() if t == "mesh" else said[t].str.len() > 0 for t in args.teachers
    }
    shares = ", ".join(f"{teacher} {share.mean():.4f}" for teacher, share in found.items())
    print(f"{args.dataset}: {len(said)} images, {said['error'].notna().sum()} unreadable; {shares}")


if __name__ == "__main__":
    main()
