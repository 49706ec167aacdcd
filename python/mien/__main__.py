"""``python -m mien`` is the command ``mien``."""

from mien.cli import app

app(prog_name="mien")
