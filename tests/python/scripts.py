"""Python programs of their own, for what a test can't try in its own process."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable

# Seconds until a program counts as hanging.
LONGEST = 120


def run_script(
    code: str, *arguments: str, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; `before` is called in the new process first."""
    return subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore::DeprecationWarning",
            "-c",
            textwrap.dedent(code),
            *arguments,
        ],
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=LONGEST,
        preexec_fn=before,
        check=False,
    )


def output_of(code: str, *arguments: str) -> str:
    """What a program prints that ends well and says nothing on stderr."""
    done = run_script(code, *arguments)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout.strip()
