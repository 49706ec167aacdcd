"""Tables of single inputs that become one of all: what was made is there when they are joined, or
is named.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from mien.batch._report import Report
from mien.errors import InputError, OutputError
from mien.formats._atomic_write import make_folder
from mien.formats._writers import Format, TableWriter
from mien.formats.tables import read_pieces, read_provenance
from mien.table import merge_provenance

__all__ = ["MadeTables"]


class MadeTables:
    """The tables that a run made for one table of all inputs.

    Parameters
    ----------
    single : Path
        The one table.
    """

    def __init__(self, single: Path) -> None:
        self._single = single
        self._rows: Counter[Path] = Counter()  # of each table, in order
        self._kept: set[Path] = set()  # of an earlier run, which counted their rows
        self._again = False

    def add(self, report: Report) -> None:
        """Note the table of a report, which then says that the rows are in the one of all."""
        if report.target:
            self._rows[report.target] += report.rows
            if report.kept:
                self._kept.add(report.target)
            report.target = self._single
        if report.may_succeed_again:
            self._again = True
            folder = f"{self._single}.parts"
            report.note = report.note or f"{folder}: kept, so that resume does this input alone"

    def join(self, kind: Format) -> bool:
        """Write the one table of them, a row group at a time.

        Parameters
        ----------
        kind : {"parquet", "csv"}

        Returns
        -------
        bool
            Whether the tables have served: no input is left that a later run should try again.

        Raises
        ------
        OutputError
            It can't be written; or somebody has removed or changed tables, whose rows it lacks.
        """
        lost = []
        provenances = {}
        for table in self._rows:
            try:
                provenances[table] = read_provenance(table)
            except InputError as error:
                lost.append(str(error))
        if provenances:
            make_folder(self._single.parent)
            provenance = merge_provenance(list(provenances.values()))
            with TableWriter(self._single, provenance, kind) as writer:
                for table in provenances:
                    self._copy(table, writer)
        if lost:
            raise OutputError(
                f"{self._single}: lacks the rows of {len(lost)} of {len(self._rows)} tables, which "
                f"were removed while the run was at work ({lost[0]}); the same with resume makes "
                "them anew"
            )
        return not self._again

    def _copy(self, table: Path, writer: TableWriter) -> None:
        rows = 0
        try:
            for piece in read_pieces(table):
                writer.write(piece)
                rows += len(piece)
        except InputError as error:  # as one of an input, it would end the table and keep it
            raise OutputError(str(error)) from error
        if table not in self._kept and rows != self._rows[table]:
            raise OutputError(f"{table}: wanted {self._rows[table]} rows, got {rows}")
