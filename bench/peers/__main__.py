"""Runs one worker, bound to cores if any are given: python -m bench.peers MODULE [CORE...]

The process is bound before anything is imported, so that no library counts cores it won't have.
"""

from __future__ import annotations

import os
import runpy
import sys

cores = [int(core) for core in sys.argv[2:]]
if cores:
    os.sched_setaffinity(0, cores)
runpy.run_module(f"bench.peers.{sys.argv[1]}", run_name="__main__")
