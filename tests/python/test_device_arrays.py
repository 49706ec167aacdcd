"""Arrays on a CUDA device as input: taken without a copy, released once, refused where unfit.

DLPack's structs need no device: NumPy arrays pose as a device's.
"""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from device_offers import (
    CPU,
    CUDA,
    VIEWS,
    Interface,
    Offered,
    on_cpu,
    pixels,
)

from mien import InputError, _core
from mien._engine.sources import resolve, single_frame


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("offer", [Offered, lambda a: Offered(a, versioned=False), Interface])
def test_arrays_come_in_as_they_lie(offer, view):
    array = VIEWS[view](pixels(40, 30, 3))
    taken = _core.DeviceArray.take(offer(array))
    assert taken.shape == array.shape
    assert taken.dtype == np.uint8
    assert taken.ndim == 3
    np.testing.assert_array_equal(on_cpu(taken), array)
    assert taken.__cuda_array_interface__["data"][0] == array.ctypes.data  # no copy


def test_without_strides_rows_have_no_gaps():
    array = pixels(40, 30, 3)
    np.testing.assert_array_equal(
        on_cpu(_core.DeviceArray.take(Offered(array, no_strides=True))), array
    )
    np.testing.assert_array_equal(
        on_cpu(_core.DeviceArray.take(Interface(array, strides=None))), array
    )


def test_the_producer_is_asked_to_order_its_work_before_the_default_stream():
    offered = Offered(pixels(20, 20, 3))
    _core.DeviceArray.take(offered)
    assert offered.streams == [1]


@pytest.mark.parametrize("versioned", [True, False])
def test_what_came_in_is_let_go_once_when_its_last_view_goes(versioned):
    offered = Offered(pixels(5, 20, 20, 3), versioned=versioned)
    taken = _core.DeviceArray.take(offered)
    frame = taken[3]
    del taken
    gc.collect()
    assert offered.deleted == 0
    np.testing.assert_array_equal(on_cpu(frame), offered.array[3])
    del frame
    gc.collect()
    assert offered.deleted == 1


def test_an_interface_keeps_its_object():
    offered = Interface(pixels(20, 20, 3))
    alive = weakref.ref(offered)
    taken = _core.DeviceArray.take(offered)
    del offered
    gc.collect()
    assert alive() is not None
    del taken
    gc.collect()
    assert alive() is None


def test_arrays_are_sources_wherever_they_lie():
    video = Offered(pixels(4, 20, 24, 3))
    image = Interface(pixels(20, 24, 3))
    found = resolve([video, pixels(20, 24, 3), image])
    assert [source.on_device for source in found] == [True, False, True]
    shapes = [source.frames.shape for source in found]
    assert shapes == [(4, 20, 24, 3), (1, 20, 24, 3), (1, 20, 24, 3)]
    assert [source.single for source in found] == [False, True, True]
    assert len(resolve(video)) == 1  # one array, not its frames
    assert single_frame(image).shape == (20, 24, 3)


@pytest.mark.parametrize(
    ("offered", "words"),
    [
        (Offered(pixels(20, 20, 3).astype(np.float32)), "wanted dtype uint8, got shape"),
        (Interface(pixels(20, 20, 3).astype(np.float32)), "float32; scale it to 0-255"),
        (Offered(pixels(20, 20)), r"wanted RGB of shape .*got shape \(20, 20\)"),
        (Offered(pixels(20, 20, 4)), r"got shape \(20, 20, 4\)"),
        (Offered(pixels(8, 8, 3)), "wanted sides of 16"),
        (Offered(pixels(20, 20, 3), device=(CUDA, 1)), "wanted memory of the engine's CUDA device"),
        (Offered(pixels(20, 20, 3), major=2), "wanted DLPack 1, got 2"),
        (Interface(pixels(20, 20, 3), mask=True), "without a mask"),
        (Interface(pixels(20, 20, 3), shape=None), "does not hand it over"),
    ],
)
def test_what_is_no_image_is_refused(offered, words):
    with pytest.raises(InputError, match=f"array 0: .*{words}"):
        resolve([offered])


def test_a_library_that_refuses_is_quoted():
    class Refusing(Offered):
        def __dlpack__(self, **_):
            raise BufferError("needs its gradient")

    with pytest.raises(InputError, match=r"array 0: .*needs its gradient"):
        resolve([Refusing(pixels(20, 20, 3))])


def test_memory_of_the_cpu_is_not_a_devices():
    with pytest.raises(InputError, match="input 0: wanted"):
        resolve([Offered(pixels(20, 20, 3), device=(CPU, 0))])


@pytest.mark.parametrize("offer", [Offered, Interface])
def test_an_engine_on_the_cpu_says_what_to_do(engine, offer):
    words = r"lies on a CUDA device.*device=\"cuda\".*\.get\(\)"
    with pytest.raises(InputError, match=f"array 0: it {words}"):
        engine.analyze(offer(pixels(64, 64, 3)))
    with pytest.raises(InputError, match=f"array 0: it {words}"):
        engine.stream(offer(pixels(4, 64, 64, 3)))
    with pytest.raises(InputError, match=f"frame: it {words}"):
        engine.analyze_frame(offer(pixels(64, 64, 3)))


def test_the_core_refuses_too(engine):
    # A program that goes past the checks above must not crash.
    taken = _core.DeviceArray.take(Offered(pixels(64, 64, 3)))
    with pytest.raises(InputError, match="lies on a CUDA device"):
        engine._loaded.core.analyze_frame(taken, 0.0)
