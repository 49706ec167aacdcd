"""How every benchmark says what it found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def report(result: dict[str, Any], output: Path | None) -> None:
    """Print a result as JSON, and write it to a file too if one is named."""
    text = json.dumps(result, indent=1)
    print(text)
    if output:
        output.write_text(text + "\n")
