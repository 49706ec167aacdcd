"""What the tests of the metrics share."""

from hypothesis import settings

relaxed = settings(deadline=None, max_examples=60, print_blob=True)
"""No deadline: a test must not fail because the machine is busy."""
