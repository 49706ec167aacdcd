"""Which Python runs a peer: the one an environment variable names, or this one where it has the
package.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Peer:
    """A package that a worker needs.

    Attributes
    ----------
    name : str
    variable : str
        Environment variable that names the interpreter of an environment that has it.
    probe : str
        A statement that only works where the right version is installed.
    install : str
        What pip installs there.
    """

    name: str
    variable: str
    probe: str
    install: str

    @cache  # noqa: B019 (there are three, for as long as the program)
    def python(self) -> str | None:
        """The interpreter, or None where there is none."""
        python = os.environ.get(self.variable)
        if python is None:
            if importlib.util.find_spec(self.probe.split()[-1].split(".")[0]) is None:
                return None
            python = sys.executable
        done = subprocess.run([python, "-c", self.probe], capture_output=True, check=False)
        return python if done.returncode == 0 else None

    @property
    def reason(self) -> str:
        """Why it can't run, and what would help."""
        return (
            f"no Python that can `{self.probe}`: pip install {self.install} "
            f"in an environment of its own and name its interpreter in {self.variable}"
        )


FACE_LANDMARKER = Peer(
    "MediaPipe FaceLandmarker",
    "MIEN_BENCH_MEDIAPIPE_PYTHON",
    "import mediapipe.tasks",
    "mediapipe",
)
FACE_MESH = Peer(
    "MediaPipe FaceMesh",
    "MIEN_BENCH_FACEMESH_PYTHON",
    "import mediapipe.python.solutions.face_mesh",
    "'mediapipe==0.10.14' 'numpy<2'",
)
PY_FEAT = Peer(
    "py-feat, random weights",
    "MIEN_BENCH_PYFEAT_PYTHON",
    "import cv2, feat.multitask",
    "'py-feat>=2,<3' opencv-python-headless",
)
