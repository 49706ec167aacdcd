"""The place of the attached methods among the bases of `FaceTable`.

At run time the class is empty: `mien._table_methods` attaches the methods from above. The stub
beside this file, which ``python tools/table_stub.py`` writes, declares each of them for editors and
type checkers.
"""

from __future__ import annotations

__all__ = ["AttachedMethods"]


class AttachedMethods:
    """Methods that come from the floors above the table; see `mien._table_methods`."""
