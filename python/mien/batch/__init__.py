"""Many inputs to files: several at a time, a failing one is reported and the rest goes on, a killed
run can be resumed.

`planning` says which input goes where, `making` what a table was made of and with, `parts` keeps
the rows of unfinished work on disk, `videos` and `images` do the work of one input or a block of
them, `running` does all of a plan.
"""

from __future__ import annotations

from mien.batch.plan import Plan, plan
from mien.batch.report import Report
from mien.batch.runner import run

__all__ = ["Plan", "Report", "plan", "run"]
