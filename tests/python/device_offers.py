"""NumPy arrays that pose as CUDA memory, by DLPack's structs and by CUDA's interface."""

from __future__ import annotations

import ctypes

import numpy as np

CUDA, CPU = 2, 1
"""DLPack's numbers of devices."""


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
    """A NumPy array that poses as CUDA memory through DLPack and counts what is asked of it."""

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


def on_cpu(device_array):
    """What a DeviceArray points to, by its own interface; its memory is the CPU's here."""
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


class Posing:
    """Hands a DeviceArray on as memory of the CPU, so that NumPy takes it."""

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
