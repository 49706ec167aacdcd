"""Arrays on a CUDA device as output: other libraries take them through DLPack without a copy."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from device_offers import (
    CPU,
    CUDA,
    VIEWS,
    Offered,
    Posing,
    on_cpu,
    pixels,
)

from mien import _core


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("versioned", [True, False])
def test_arrays_go_out_as_they_lie_and_live_as_long_as_needed(versioned, view):
    offered = Offered(VIEWS[view](pixels(40, 30, 3)))
    given = np.from_dlpack(Posing(_core.DeviceArray.take(offered), versioned))
    gc.collect()
    assert offered.deleted == 0
    np.testing.assert_array_equal(given, offered.array)
    assert given.ctypes.data == offered.array.ctypes.data
    del given
    gc.collect()
    assert offered.deleted == 1


@pytest.mark.parametrize("max_version", [None, (1, 0)])
def test_a_capsule_that_nobody_takes_lets_go(max_version):
    offered = Offered(pixels(20, 20, 3))
    capsule = _core.DeviceArray.take(offered).__dlpack__(max_version=max_version)
    assert offered.deleted == 0
    del capsule
    gc.collect()
    assert offered.deleted == 1


def test_what_went_out_comes_in_again():
    class Relay:
        def __init__(self, array):
            self.array = array

        def __dlpack_device__(self):
            return self.array.__dlpack_device__()

        def __dlpack__(self, **how):
            return self.array.__dlpack__(**how)

    offered = Offered(pixels(20, 20, 3))
    again = _core.DeviceArray.take(Relay(_core.DeviceArray.take(offered)))
    np.testing.assert_array_equal(on_cpu(again), offered.array)
    del again
    gc.collect()
    assert offered.deleted == 1


def test_requests_that_cannot_be_met_are_buffer_errors():
    array = _core.DeviceArray.take(Offered(pixels(20, 20, 3)))
    for request in ({"dl_device": (CPU, 0)}, {"copy": True}, {"stream": 0}):
        with pytest.raises(BufferError):
            array.__dlpack__(**request)
    array.__dlpack__(dl_device=(CUDA, 0), copy=False, stream=-1)


def test_frames_count_and_end():
    array = _core.DeviceArray.take(Offered(pixels(3, 20, 20, 3)))
    assert len(array) == 3
    assert len(list(array)) == 3
    for index in (-1, 3):
        with pytest.raises(IndexError):
            array[index]
