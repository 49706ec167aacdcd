"""The core's histograms of oriented gradients are scikit-image's."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import feature

import mien
from mien import InputError, OptionError
from mien.preprocess import hog


def reference(image, orientations=8, cell=8, block=2):
    return feature.hog(
        image,
        orientations,
        (cell, cell),
        (block, block),
        "L2-Hys",
        channel_axis=-1 if image.ndim == 3 else None,
    )


def test_of_a_photograph(portrait):
    face = portrait[0:224, 110:334]
    np.testing.assert_allclose(hog(face), reference(face), atol=1e-5)
    np.testing.assert_allclose(hog(face[..., 0]), reference(face[..., 0]), atol=1e-5)


@pytest.mark.parametrize("shape", [(16, 16), (40, 57), (33, 64, 3), (112, 112, 3)])
@pytest.mark.parametrize("options", [{}, {"orientations": 9, "cell": 5, "block": 3}])
@pytest.mark.parametrize("levels", [2, 256])
def test_of_noise(shape, options, levels):
    """Two levels give gradients that lie on the edges between bins."""
    rng = np.random.default_rng(0)
    image = (rng.integers(0, levels, shape) * (255 // (levels - 1))).astype(np.uint8)
    np.testing.assert_allclose(hog(image, **options), reference(image, **options), atol=1e-5)


@pytest.mark.parametrize("orientations", range(1, 19))
def test_any_number_of_orientations(orientations):
    """Their edges meet the directions of simple gradients in other places."""
    image = np.random.default_rng(2).integers(0, 3, (32, 40, 3)).astype(np.uint8) * 127
    np.testing.assert_allclose(hog(image, orientations), reference(image, orientations), atol=1e-5)


def test_of_the_package():
    assert mien.hog is hog


def test_strides_and_shape():
    image = np.random.default_rng(1).integers(0, 256, (64, 48, 3), np.uint8)
    flipped = image[::-1, ::2]
    np.testing.assert_array_equal(hog(flipped), hog(np.ascontiguousarray(flipped)))
    blocks = hog(image, feature_vector=False)
    assert blocks.shape == (7, 5, 2, 2, 8)
    np.testing.assert_array_equal(blocks.ravel(), hog(image))


def test_errors():
    with pytest.raises(InputError, match=r"at least 16x16 pixels, got 40x15"):
        hog(np.zeros((15, 40), np.uint8))
    with pytest.raises(InputError, match="dtype uint8"):
        hog(np.zeros((64, 64, 3)))
    with pytest.raises(InputError):
        hog(np.zeros((64, 64, 4), np.uint8))
    with pytest.raises(OptionError, match="orientations: wanted 1 or more, got 0"):
        hog(np.zeros((64, 64), np.uint8), 0)
