"""Arrays on a CUDA device, in and out.

What they are is told by DLPack's structs, which need no device: here NumPy arrays pose as a
device's. Where the kernels run on the host too (a build with MIEN_CUDA=EMULATED), even their pixels
can be read.
"""

from __future__ import annotations

import ctypes
import gc
import weakref

import numpy as np
import pandas as pd
import pytest

import mien
from mien import InputError, OptionError, ProviderError, _core
from mien._engine.sources import resolve, single_frame

CUDA, CPU = 2, 1

# 1. Objects that offer memory of a device -------------------------------------------------------


class _Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("dimensions", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    ]


_Deleter = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class _Managed(ctypes.Structure):
    _fields_ = [("tensor", _Tensor), ("manager", ctypes.c_void_p), ("deleter", _Deleter)]


class _Versioned(ctypes.Structure):
    _fields_ = [
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("manager", ctypes.c_void_p),
        ("deleter", _Deleter),
        ("flags", ctypes.c_uint64),
        ("tensor", _Tensor),
    ]


_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype = ctypes.py_object
_new_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype = ctypes.c_void_p
_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]


# Names of capsules, and what they point to: libraries keep both until the deleter is called, this
# one for ever.
_NAME, _NAME_VERSIONED = b"dltensor", b"dltensor_versioned"
_lent = []


class Offered:
    """A NumPy array that says it lies on a CUDA device, through DLPack; counts what is asked of it."""

    def __init__(self, array, *, versioned=True, device=(CUDA, 0), major=1, no_strides=False):
        self.array = array
        self.versioned = versioned
        self.device = device
        self.major = major
        self.no_strides = no_strides
        self.streams = []
        self.deleted = 0

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, *, stream=None, **newer):
        if newer and not self.versioned:
            raise TypeError("unexpected keyword argument 'max_version'")
        self.streams.append(stream)
        struct = _Versioned() if self.versioned else _Managed()
        self._fill(struct.tensor)
        struct.deleter = _Deleter(lambda _: setattr(self, "deleted", self.deleted + 1))
        if self.versioned:
            struct.major = self.major
        _lent.append((self, struct))
        name = _NAME_VERSIONED if self.versioned else _NAME
        return _new_capsule(ctypes.addressof(struct), name, None)

    def _fill(self, tensor):
        a = self.array
        codes = {"i": 0, "u": 1, "f": 2}
        tensor.data = a.ctypes.data - 5
        tensor.byte_offset = 5
        tensor.device_type, tensor.device_id = self.device
        tensor.dimensions = a.ndim
        tensor.code, tensor.bits, tensor.lanes = codes[a.dtype.kind], 8 * a.itemsize, 1
        tensor.shape = (ctypes.c_int64 * a.ndim)(*a.shape)
        if not self.no_strides:
            tensor.strides = (ctypes.c_int64 * a.ndim)(*(s // a.itemsize for s in a.strides))


class Interface:
    """A NumPy array that says it lies on a CUDA device, through __cuda_array_interface__."""

    def __init__(self, array, **changed):
        self.array = array
        self.offer = {
            "shape": array.shape,
            "typestr": array.dtype.str,
            "data": (array.ctypes.data, False),
            "strides": array.strides,
            "version": 3,
        } | changed

    @property
    def __cuda_array_interface__(self):
        return self.offer


def pixels(*shape):
    return np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)


def on_host(device_array):
    """What a DeviceArray points to, by its own interface; its memory is the host's here."""
    offer = device_array.__cuda_array_interface__
    memory = (ctypes.c_uint8 * 1).from_address(offer["data"][0])
    first = np.frombuffer(memory, np.uint8)
    return np.lib.stride_tricks.as_strided(first, offer["shape"], offer["strides"])


VIEWS = {
    "compact": lambda a: a,
    "turned over": lambda a: a[::-1, ::-1],
    "bgr": lambda a: a[..., ::-1],
    "cut": lambda a: a[2:-3, 4:-1],
    "transposed": lambda a: a.swapaxes(0, 1),
}

# 2. In ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("offer", [Offered, lambda a: Offered(a, versioned=False), Interface])
def test_arrays_come_in_as_they_lie(offer, view):
    array = VIEWS[view](pixels(40, 30, 3))
    taken = _core.DeviceArray.take(offer(array))
    assert taken.shape == array.shape
    assert taken.dtype == np.uint8
    assert taken.ndim == 3
    np.testing.assert_array_equal(on_host(taken), array)
    assert taken.__cuda_array_interface__["data"][0] == array.ctypes.data  # no copy


def test_without_strides_rows_have_no_gaps():
    array = pixels(40, 30, 3)
    np.testing.assert_array_equal(
        on_host(_core.DeviceArray.take(Offered(array, no_strides=True))), array
    )
    np.testing.assert_array_equal(
        on_host(_core.DeviceArray.take(Interface(array, strides=None))), array
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
    np.testing.assert_array_equal(on_host(frame), offered.array[3])
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


def test_memory_of_the_host_is_not_a_devices():
    with pytest.raises(InputError, match="input 0: wanted"):
        resolve([Offered(pixels(20, 20, 3), device=(CPU, 0))])


@pytest.mark.parametrize("offer", [Offered, Interface])
def test_an_engine_on_the_processor_says_what_to_do(engine, offer):
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


# 3. Out -----------------------------------------------------------------------------------------


class Posing:
    """Hands a DeviceArray on as memory of the host, so that NumPy takes it."""

    def __init__(self, array, versioned):
        self.array = array
        self.versioned = versioned

    def __dlpack_device__(self):
        return (CPU, 0)

    def __dlpack__(self, **_):
        capsule = self.array.__dlpack__(max_version=(1, 0) if self.versioned else None)
        if self.versioned:
            address = _pointer(capsule, _NAME_VERSIONED)
            tensor = _Versioned.from_address(address).tensor
        else:
            tensor = _Managed.from_address(_pointer(capsule, _NAME)).tensor
        assert (tensor.device_type, tensor.device_id) == (CUDA, 0)
        tensor.device_type = CPU
        return capsule


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
    np.testing.assert_array_equal(on_host(again), offered.array)
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


# 4. Kernels -------------------------------------------------------------------------------------

on_host_only = pytest.mark.skipif(
    not _core.build_info()["cuda_is_emulated"],
    reason="needs kernels emulated on the CPU (MIEN_CUDA=EMULATED)",
)


@on_host_only
@pytest.mark.parametrize("offer", [Offered, Interface])
def test_an_engine_on_the_device_gives_the_rows_of_the_same_pixels_on_the_host(portrait, offer):
    engine = mien.Engine(device="cuda", threads=2)
    clip = np.stack([portrait[::2, ::2], portrait[::2, ::-2]] * 3)
    host, device = (engine.analyze(frames, fps=25) for frames in (clip, offer(clip)))
    pd.testing.assert_frame_equal(device, host)
    assert device["FaceScore"].notna().all()
    images = engine.analyze([offer(clip[0]), clip[1]])
    pd.testing.assert_frame_equal(images, engine.analyze([clip[0], clip[1]]))
    live = engine.analyze_frame(offer(clip[0]))
    engine.reset()
    pd.testing.assert_frame_equal(live, engine.analyze_frame(clip[0]))


@on_host_only
def test_frames_are_let_go_once_their_rows_are_there(portrait):
    engine = mien.Engine(device="cuda", threads=2)
    offered = Offered(np.stack([portrait[::4, ::4]] * 5))
    engine.analyze(offered)
    gc.collect()
    assert offered.deleted == 1


@on_host_only
@pytest.mark.parametrize("view", VIEWS)
def test_a_copy_on_the_host_has_the_same_pixels(view):
    array = VIEWS[view](pixels(40, 30, 3))
    np.testing.assert_array_equal(_core.DeviceArray.take(Offered(array)).get(), array)
    frames = pixels(3, 20, 24, 3)
    np.testing.assert_array_equal(_core.DeviceArray.take(Offered(frames)).get(), frames)


@on_host_only
def test_other_streams_wait_and_are_waited_for():
    array = pixels(20, 20, 3)
    taken = _core.DeviceArray.take(Interface(array, stream=1))
    taken = _core.DeviceArray.take(Interface(array, stream=2))
    assert taken.__dlpack__(stream=2) is not None


@pytest.mark.skipif(not _core.video_decoder_version(), reason="built without FFmpeg")
class TestReadFrames:
    @on_host_only
    def test_on_a_device_they_are_those_of_the_processor(self, media):
        clip = media("single_face.mp4")
        host = list(mien.read_frames(clip, every=10))
        device = list(mien.read_frames(clip, every=10, device="cuda"))
        assert [frame.index for frame in device] == [frame.index for frame in host]
        assert [frame.time for frame in device] == [frame.time for frame in host]
        for ours, theirs in zip(device, host, strict=True):
            np.testing.assert_array_equal(ours.rgb.get(), theirs.rgb)

    def test_without_a_device_it_is_an_error(self, media):
        if _core.cuda_devices():
            pytest.skip("a CUDA device answers")
        with pytest.raises(ProviderError, match="wanted a device"):
            next(mien.read_frames(media("single_face.mp4"), device="cuda"))

    def test_another_device_is_an_error(self):
        with pytest.raises(OptionError, match="wanted cpu or cuda, got 'tpu'"):
            next(mien.read_frames("clip.mp4", device="tpu"))


@pytest.mark.cuda
class TestWithADevice:
    @pytest.fixture(autouse=True)
    def _real(self, cuda, host_is_gpu):
        assert cuda == "cuda"
        if host_is_gpu:
            pytest.skip("the host has no NVDEC, and its memory is no device's to other libraries")

    def test_frames_of_a_video_are_those_of_the_processor(self, media):
        clip = media("single_face.mp4")
        reader = _core.VideoReader(str(clip), device="cuda")
        assert reader.decoder == "h264 (nvdec)"
        for (index, time, _, rgb), frame in zip(reader, mien.read_frames(clip), strict=True):
            assert (index, time) == (frame.index, frame.time)
            np.testing.assert_array_equal(rgb.get(), frame.rgb)

    def test_rows_are_those_of_the_file_and_of_the_same_arrays_on_the_host(self, media):
        clip = media("single_face.mp4")
        engine = mien.Engine(device="cuda")
        frames = [frame.rgb for frame in mien.read_frames(clip, every=20, device="cuda")]
        host = engine.analyze([rgb.get() for rgb in frames])
        device = engine.analyze(frames)
        np.testing.assert_allclose(device.select_dtypes("number"), host.select_dtypes("number"))
        assert len(engine.analyze_frame(frames[0]))

    def test_torch_and_cupy_hand_arrays_over_and_take_them(self, media):
        torch = pytest.importorskip("torch")
        clip = media("single_face.mp4")
        frame = next(mien.read_frames(clip, device="cuda"))
        tensor = torch.from_dlpack(frame.rgb)
        np.testing.assert_array_equal(tensor.cpu().numpy(), frame.rgb.get())
        again = _core.DeviceArray.take(tensor.flip(1).contiguous())
        np.testing.assert_array_equal(again.get(), frame.rgb.get()[:, ::-1])
