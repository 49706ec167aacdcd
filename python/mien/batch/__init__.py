"""Many inputs to files: several at a time, a failing one is reported and the rest goes on, a killed
run can be resumed.
"""

from __future__ import annotations

from mien.batch._plan import Plan, plan
from mien.batch._report import Report
from mien.batch._runner import run

__all__ = ["Plan", "Report", "plan", "run"]
