"""Writes the results of the benchmarks."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def report(result: dict[str, Any], output: Path | None) -> None:
    """Print a result as JSON with commit and day, and write it to `output` if that is given."""
    day = datetime.now(timezone.utc).date().isoformat()
    text = json.dumps({"commit": commit(), "day": day, **result}, indent=1)
    print(text)
    if output:
        output.write_text(text + "\n")


def commit() -> str | None:
    """The measured commit, with a `+` where files differ from it; None outside a repository."""
    described = subprocess.run(
        ["git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or None
