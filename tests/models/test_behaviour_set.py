"""The behaviour network's dataset, made synthetically: parts, targets, augmentation, sampling."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training parts need torch")
pytest.importorskip("cv2", reason="datasets need OpenCV")

from models.training.datasets import alignment, crops, detector_points
from models.training.datasets.augment_behaviour import jitter, photometric, warp_varied
from models.training.datasets.behaviour_set import Crops, Fold, in_fold, person
from models.training.datasets.behaviour_targets import LabelOptions, annotation_path, rarity
from models.training.datasets.sampling import sampler
from models.training.networks.behaviour import ACTION_UNITS, SIZE, TEMPLATE
from tests.models.synthetic import write_datasets

BOTH = ("fer2013", "lfw")


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    write_datasets(tmp_path)


def test_parts_share_no_image_and_held_out_ones_are_never_trained_on():
    fold = Fold(0, 3)
    train, validation = (Crops(BOTH, True, part=p, fold=fold) for p in ("train", "validation"))
    held = Crops(BOTH, False)
    rows = [
        set(zip(d.table["dataset"], d.table["row"], strict=True)) for d in (train, validation, held)
    ]
    assert all(rows)
    assert sum(len(r) for r in rows) == len(set.union(*rows))
    assert len(set.union(*rows)) == 80


def test_folds_divide_the_images_and_keep_a_person_together():
    names = [f"lfw/person_{i // 3}/{i}.jpg" for i in range(90)]
    folds = np.stack([in_fold("lfw", names, Fold(k, 5)) for k in range(5)])
    assert (folds.sum(0) == 1).all()
    for i in range(0, 90, 3):
        assert (folds[:, i] == folds[:, i + 1]).all()
        assert (folds[:, i] == folds[:, i + 2]).all()
    assert person("fer2013", "train/happy/Training_1.jpg") == "train/happy/Training_1.jpg"
    with pytest.raises(ValueError, match="wanted 0 to 4"):
        Fold(5, 5)


def test_a_sample_is_the_same_for_the_same_seed_epoch_and_index_and_no_other():
    one, two = (Crops(BOTH, True, seed=3) for _ in range(2))
    one[7]  # draws nothing that another sample would miss
    for key, value in one[5].items():
        np.testing.assert_array_equal(value, two[5][key], err_msg=key)
    two.epoch = 1
    assert not np.array_equal(one[5]["crop"], two[5]["crop"])


def test_held_out_crops_are_the_engines_own():
    dataset = Crops(("lfw",), False)
    images, labels = crops.load("lfw")
    row = dataset.table["row"][0]
    crop, matrix = alignment.crop(images[row], labels["five"][row])
    np.testing.assert_array_equal(dataset[0]["crop"], crop)
    points = labels["landmarks"][row] @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(dataset[0]["landmarks"], points.T.reshape(-1), atol=1e-3)


def test_crops_are_aligned_by_the_detectors_points_where_it_found_the_face():
    images, labels = crops.load("lfw")
    points = labels["five"] + np.float32(2)
    held = Crops(("lfw",), False).table["row"]
    points[held[1]] = np.nan
    np.save(detector_points.points_path("lfw"), points)
    dataset = Crops(("lfw",), False, detected=0.7)
    seen, _ = alignment.crop(images[held[0]], points[held[0]])
    np.testing.assert_array_equal(dataset[0]["crop"], seen)
    missed, _ = alignment.crop(images[held[1]], labels["five"][held[1]])
    np.testing.assert_array_equal(dataset[1]["crop"], missed)
    with pytest.raises(FileNotFoundError, match="detector_points"):
        Crops(BOTH, True, detected=0.7)


def test_no_face_no_label():
    dataset = Crops(BOTH, True)
    missing = np.flatnonzero(~dataset.table["mask_found"])
    assert len(missing)
    sample = dataset[int(missing[0])]
    assert sample["mask_found"] == sample["mask_affect"] == sample["mask_gaze"] == 0
    assert not sample["mask_action_units"].any()


def test_labels_of_the_three_kinds():
    human = Crops(BOTH, False, LabelOptions("human"), "everything").table
    known = human["human"] >= 0
    assert known.sum() == 40
    np.testing.assert_array_equal(human["mask_expression"], known)
    np.testing.assert_array_equal(human["expression"][known].argmax(1), human["human"][known])

    teacher = Crops(BOTH, False, LabelOptions("teacher", soft_trust=0.2), "everything").table
    np.testing.assert_allclose(teacher["mask_expression"], 0.2 * teacher["mask_found"])
    np.testing.assert_allclose(teacher["expression"].sum(1), 1, rtol=1e-5)
    unseen = ACTION_UNITS.index("AU09")
    assert not teacher["mask_action_units"][:, unseen].any()
    assert human["mask_action_units"][known, unseen].any()
    # Nobody says an expression: no unit may be made of one.
    assert not human["mask_action_units"][~known, unseen].any()
    np.testing.assert_array_equal(human["action_units"][~known], teacher["action_units"][~known])

    with pytest.raises(FileNotFoundError, match=r"models\.training\.train\.soft_labels"):
        Crops(BOTH, True, LabelOptions("soft"))
    said = np.tile(np.linspace(0, 2 / 7, 7, dtype=np.float32), (40, 1))
    for dataset in BOTH:
        np.save(annotation_path(dataset), said)
    soft = Crops(BOTH, False, LabelOptions("soft", soft_share=0.5), "everything").table
    np.testing.assert_allclose(soft["expression"][~known], said, rtol=1e-6)
    np.testing.assert_allclose(
        soft["expression"][known], 0.5 * human["expression"][known] + 0.5 * said, rtol=1e-6
    )
    assert set(soft["mask_expression"][~known]) == {0.4}


def test_options_out_of_range_are_refused():
    with pytest.raises(ValueError, match="labels: wanted one of"):
        LabelOptions("both")
    with pytest.raises(ValueError, match="smoothing: wanted 0 to 1, got 2"):
        LabelOptions(smoothing=2)


def test_rarity_by_hand():
    human = np.array([0, 0, 0, 0, 1, -1])
    # Weights 4^-0.5 = 1/2 and 1; over the five labelled samples they average (4 / 2 + 1) / 5.
    weights = rarity(human, 0.5)
    np.testing.assert_allclose(weights[:5], np.array([0.5, 0.5, 0.5, 0.5, 1]) / 0.6)
    np.testing.assert_allclose(rarity(human, 0.0), 1)


def test_mixture_shows_every_labelled_sample_once_and_a_share_of_the_rest():
    human = np.array([2] * 30 + [-1] * 50)
    order = sampler("mixture", human, 0.4, seed=0)
    rows = list(order)
    assert len(rows) == len(order) == 50
    assert len(set(rows)) == 50
    assert set(range(30)) < set(rows)
    assert list(order) == rows
    order.epoch = 1
    assert list(order) != rows


def test_balanced_draws_every_class_alike():
    human = np.array([0] * 900 + [1] * 90 + [2] * 10 + [-1] * 20)
    order = sampler("balanced", human, 0.0, seed=0)
    counts = np.bincount(human[list(order)], minlength=3)
    assert counts.sum() == 1000
    assert (np.abs(counts - 1000 / 3) < 60).all()  # four standard deviations
    with pytest.raises(ValueError, match="sampling: wanted one of"):
        sampler("fair", human, 0.0, seed=0)


def test_augmentation_keeps_the_shape_and_stays_near_the_template():
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (80, 90, 3)).astype(np.uint8)
    five = np.array(TEMPLATE) * 0.7 + 3
    misses = []
    for _ in range(200):
        matrix = jitter(five, random)
        misses.append(five @ matrix[:, :2].T + matrix[:, 2] - np.array(TEMPLATE))
        out = photometric(warp_varied(image, matrix, random), random)
        assert out.shape == (SIZE, SIZE, 3)
        assert out.dtype == np.uint8
    assert np.abs(np.mean(misses, 0)).max() < 1.5
    assert 1 < np.std(misses) < 6
