"""Tests here import ONNX Runtime's own package, which must not report to its maker either."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
