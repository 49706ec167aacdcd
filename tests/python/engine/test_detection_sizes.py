"""In what sizes faces are looked for: of video and of independent images."""

import numpy as np
import pytest

import mien


def sizes(table):
    return [entry["detection_sizes"] for entry in table.provenance["inputs"]]


def test_images_and_video_have_the_sizes_of_the_pack(engine, portrait):
    images = engine.analyze([portrait, portrait])
    video = engine.analyze(np.stack([portrait, portrait]))
    assert sizes(images) == [engine._loaded.core.detection_sides(True)] * 2
    assert sizes(video) == [[engine.options["detection_size"]]]


def test_a_chosen_size_is_that_of_both(portrait):
    engine = mien.Engine(device="cpu", threads=1, detection_size=256)
    assert sizes(engine.analyze(portrait)) == [[256]]
    assert sizes(engine.analyze(np.stack([portrait, portrait]))) == [[256]]


@pytest.fixture
def group(portrait):
    """A face that fills its part of the image beside a small one."""
    height, width = portrait.shape[:2]
    image = np.full((height, width + width // 4, 3), 114, np.uint8)
    image[:, :width] = portrait
    image[: height // 4, width:] = portrait[::4, ::4][: height // 4, : width // 4]
    return image


def test_faces_of_several_sizes_are_merged_best_score_first(engine, group):
    own = engine.analyze(group)
    (used,) = sizes(own)
    looks = [
        mien.Engine(device="cpu", threads=1, detection_size=side).analyze(group) for side in used
    ]
    found = [score for look in looks for score in look["FaceScore"].dropna()]
    assert set(own["FaceScore"]) <= set(found)
    assert own["FaceScore"].iloc[0] == max(found)
    assert own["FaceScore"].is_monotonic_decreasing
    assert len(own) >= max(len(look) for look in looks)
