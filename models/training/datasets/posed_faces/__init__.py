"""Rendered faces whose action units, gaze, head pose and landmarks are known exactly."""
