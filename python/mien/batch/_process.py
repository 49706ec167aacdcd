"""Which process this is, in words that another process, host or boot can check."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import TypedDict

__all__ = ["Holder", "is_gone", "this_process"]


class Holder(TypedDict):
    """Who holds something.

    Attributes
    ----------
    host, pid
        For people.
    since : str
        Local time.
    machine, boot, namespace : str
        Where the pid means this process; empty where the system doesn't tell.
    started : str
        Start of the process on the kernel's clock: a later process of the same pid has another.
    """

    host: str
    pid: int
    since: str
    machine: str
    boot: str
    namespace: str
    started: str


def this_process() -> Holder:
    """This process, holding something from now on."""
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "since": datetime.now(timezone.utc).astimezone().isoformat(" ", "seconds"),
        "machine": _text(Path("/etc/machine-id")),
        "boot": _text(Path("/proc/sys/kernel/random/boot_id")),
        "namespace": _namespace(),
        "started": _start(os.getpid()),
    }


def is_gone(holder: Holder | None) -> bool:
    """Whether a process is known to have ended; one of another machine or container is not."""
    if holder is None:
        return False
    here = this_process()
    if (holder["host"], holder["machine"]) != (here["host"], here["machine"]):
        return False
    if holder["boot"] != here["boot"]:
        return True
    if holder["namespace"] != here["namespace"]:
        return False
    return not _is_alive(holder["pid"]) or holder["started"] != _start(holder["pid"])


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True


def _start(pid: int) -> str:
    """Clock ticks from boot to the start of a process; empty where there is no /proc."""
    fields = _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else ""


def _namespace() -> str:
    with suppress(OSError):
        return os.readlink("/proc/self/ns/pid")  # noqa: PTH115 (not a path)
    return ""


def _text(path: Path) -> str:
    with suppress(OSError):
        return path.read_text().strip()
    return ""
