// Note [Streams of others]: an array comes in with stream=1, which asks its library to order its
// work before ours on the legacy default stream; it goes out with our work ordered before the
// stream that the taker names. `__cuda_array_interface__` names its own stream, and ours says 1.
#include "device_array.h"

#include <iterator>
#include <utility>

#include "array.h"
#include "dlpack.h"
#include "gil.h"
#include "mien/error.h"

namespace mien {
namespace {

constexpr int kDevice = 0;  // the engine's

py::dtype dtype_of(const dlpack::DataType& type, const std::string& where) {
  const char* names[] = {"int", "uint", "float", "opaque", "bfloat", "complex", "bool"};
  const auto code = static_cast<std::size_t>(type.code);
  const std::string name = (code < std::size(names) ? names[code] : "type") +
                           (type.code == dlpack::Code::kBool ? "" : std::to_string(type.bits));
  if (type.lanes == 1 && code < std::size(names)) {
    try {
      return py::dtype(name);
    } catch (py::error_already_set&) {  // NumPy knows no such type
    }
  }
  throw InputError(where + ": wanted dtype uint8, got " + name);
}

std::vector<py::ssize_t> strides_without_gaps(const std::vector<py::ssize_t>& shape,
                                              py::ssize_t item) {
  std::vector<py::ssize_t> strides(shape.size());
  for (std::size_t i = shape.size(); i-- > 0; item *= shape[i]) strides[i] = item;
  return strides;
}

void check_device(std::int32_t type, std::int32_t number, const std::string& where) {
  if (type != dlpack::kCuda && type != dlpack::kCudaManaged) {
    throw InputError(where + ": wanted memory of a CUDA device (DLPack's type 2), got type " +
                     std::to_string(type));
  }
  if (number != kDevice) {
    throw InputError(where + ": wanted memory of the engine's CUDA device, " +
                     std::to_string(kDevice) + ", got device " + std::to_string(number));
  }
}

// Calls the deleter of what came in a capsule. It may be Python's, and needs the GIL.
template <typename Managed>
std::shared_ptr<const void> owner_of(Managed* managed) {
  return {managed, [managed](const void*) {
            if (managed->deleter == nullptr) return;
            release(managed, [](void* kept) {
              auto* const own = static_cast<Managed*>(kept);
              own->deleter(own);
            });
          }};
}

struct Taken {
  dlpack::Tensor tensor;
  std::shared_ptr<const void> owner;
};

template <typename Managed>
Taken take_as(PyObject* capsule, const char* name, const char* taken) {
  auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, name));
  if (managed == nullptr || PyCapsule_SetName(capsule, taken) != 0) throw py::error_already_set();
  return {managed->tensor, owner_of(managed)};
}

Taken take_capsule(const py::object& capsule, const std::string& where) {
  PyObject* raw = capsule.ptr();
  if (PyCapsule_IsValid(raw, dlpack::kVersionedName) != 0) {
    const auto* managed = static_cast<const dlpack::ManagedVersioned*>(
        PyCapsule_GetPointer(raw, dlpack::kVersionedName));
    if (managed->version.major != 1) {
      throw InputError(where + ": wanted DLPack 1, got " + std::to_string(managed->version.major));
    }
    return take_as<dlpack::ManagedVersioned>(raw, dlpack::kVersionedName, dlpack::kVersionedTaken);
  }
  if (PyCapsule_IsValid(raw, dlpack::kName) != 0) {
    return take_as<dlpack::Managed>(raw, dlpack::kName, dlpack::kTaken);
  }
  throw InputError(where + ": wanted a DLPack capsule of __dlpack__(), got " +
                   py::repr(capsule).cast<std::string>());
}

// Libraries from before DLPack 1 don't know `max_version`.
py::object ask_for_capsule(const py::object& object) {
  const auto give = object.attr("__dlpack__");
  try {
    return give(py::arg("stream") = 1, py::arg("max_version") = py::make_tuple(1, 0));
  } catch (py::error_already_set& error) {
    if (!error.matches(PyExc_TypeError)) throw;
  }
  return give(py::arg("stream") = 1);
}

// What a capsule points to: the structs, with what they point to.
template <typename Managed>
struct Outgoing {
  Managed managed{};
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
  std::shared_ptr<const void> owner;

  static void release(Managed* managed) { delete static_cast<Outgoing*>(managed->manager); }
};

template <typename Managed>
py::capsule make_capsule(Outgoing<Managed>* out, const char* name, PyCapsule_Destructor unused) {
  out->managed.manager = out;
  out->managed.deleter = &Outgoing<Managed>::release;
  PyObject* capsule = PyCapsule_New(&out->managed, name, unused);
  if (capsule == nullptr) {
    delete out;
    throw py::error_already_set();
  }
  return py::reinterpret_steal<py::capsule>(capsule);
}

// A capsule that nobody took.
template <typename Managed>
void drop(PyObject* capsule, const char* name) {
  if (PyCapsule_IsValid(capsule, name) == 0) return;
  auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, name));
  managed->deleter(managed);
}

[[noreturn]] void refuse(const char* what) {
  PyErr_SetString(PyExc_BufferError, what);
  throw py::error_already_set();
}

}  // namespace

DeviceArray::DeviceArray(const DeviceImages::Image& rgb)
    : data_(const_cast<std::uint8_t*>(rgb.view.planes[0].data)),
      dtype_(py::dtype::of<std::uint8_t>()),
      shape_{rgb.view.height, rgb.view.width, 3},
      strides_(strides_without_gaps(shape_, 1)),
      owner_(rgb.owner) {}

bool DeviceArray::is_offered_by(const py::object& object) {
  if (py::isinstance<DeviceArray>(object)) return true;
  if (py::hasattr(object, "__cuda_array_interface__")) return true;
  if (!py::hasattr(object, "__dlpack__") || !py::hasattr(object, "__dlpack_device__")) return false;
  const auto type = object.attr("__dlpack_device__")().cast<py::tuple>()[0].cast<std::int32_t>();
  return type == dlpack::kCuda || type == dlpack::kCudaManaged;
}

DeviceArray DeviceArray::take(const py::object& object, const std::string& where) {
  if (py::isinstance<DeviceArray>(object)) return object.cast<DeviceArray>();
  try {
    if (py::hasattr(object, "__dlpack__")) return from_dlpack(object, where);
    return from_interface(object, where);
  } catch (py::error_already_set& error) {
    throw InputError(where + ": its library does not hand it over; got: " + error.what());
  } catch (py::cast_error& error) {
    throw InputError(where + ": its library does not hand it over; got: " + error.what());
  }
}

DeviceArray DeviceArray::from_dlpack(const py::object& object, const std::string& where) {
  const auto device = object.attr("__dlpack_device__")().cast<py::tuple>();
  check_device(device[0].cast<std::int32_t>(), device[1].cast<std::int32_t>(), where);
  Taken taken = take_capsule(ask_for_capsule(object), where);
  const dlpack::Tensor& tensor = taken.tensor;
  check_device(tensor.device.type, tensor.device.number, where);
  DeviceArray array;
  array.owner_ = std::move(taken.owner);
  array.dtype_ = dtype_of(tensor.type, where);
  array.data_ = static_cast<std::uint8_t*>(tensor.data) + tensor.byte_offset;
  array.shape_.assign(tensor.shape, tensor.shape + tensor.dimensions);
  const py::ssize_t item = array.dtype_.itemsize();
  array.strides_ = strides_without_gaps(array.shape_, item);
  for (std::size_t i = 0; tensor.strides != nullptr && i < array.shape_.size(); ++i) {
    array.strides_[i] = tensor.strides[i] * item;
  }
  return array;
}

DeviceArray DeviceArray::from_interface(const py::object& object, const std::string& where) {
  const py::dict offer = object.attr("__cuda_array_interface__");
  const auto given = [&](const char* key) { return offer.contains(key) && !offer[key].is_none(); };
  if (given("mask")) throw InputError(where + ": wanted an array without a mask, got one with it");
  DeviceArray array;
  array.owner_ = keep_alive(object);
  array.dtype_ = py::dtype(offer["typestr"].cast<std::string>());
  array.data_ =
      reinterpret_cast<std::uint8_t*>(offer["data"].cast<py::tuple>()[0].cast<std::uintptr_t>());
  array.shape_ = offer["shape"].cast<std::vector<py::ssize_t>>();
  array.strides_ = given("strides") ? offer["strides"].cast<std::vector<py::ssize_t>>()
                                    : strides_without_gaps(array.shape_, array.dtype_.itemsize());
  if (given("stream")) order_legacy_stream_after(offer["stream"].cast<std::uintptr_t>());
  return array;
}

py::tuple DeviceArray::shape() const { return py::tuple(py::cast(shape_)); }

std::string DeviceArray::describe() const {
  return "shape " + py::str(shape()).cast<std::string>() + ", dtype " +
         py::str(dtype_).cast<std::string>();
}

bool DeviceArray::is_rgb() const {
  return dtype_.equal(py::dtype::of<std::uint8_t>()) && shape_.size() >= 3 && shape_.back() == 3;
}

FrameView DeviceArray::rgb_view() const {
  if (!is_rgb() || shape_.size() != 3 || shape_[0] < 1 || shape_[1] < 1) {
    throw InputError("frame: wanted an array of shape (height, width, 3), dtype uint8, RGB; got " +
                     describe());
  }
  FrameView view;
  view.height = static_cast<int>(shape_[0]);
  view.width = static_cast<int>(shape_[1]);
  view.memory = Memory::kCuda;
  for (int c = 0; c < 3; ++c) view.planes[c] = {data_ + c * strides_[2], strides_[0], strides_[1]};
  return view;
}

DeviceArray DeviceArray::at(py::ssize_t index) const {
  if (shape_.empty() || index < 0 || index >= shape_[0]) {
    throw py::index_error("wanted an index below " +
                          std::to_string(shape_.empty() ? 0 : shape_[0]) + ", got " +
                          std::to_string(index));
  }
  DeviceArray part = *this;
  part.data_ += index * strides_[0];
  part.shape_.erase(part.shape_.begin());
  part.strides_.erase(part.strides_.begin());
  return part;
}

DeviceArray DeviceArray::as_several() const {
  DeviceArray several = *this;
  several.shape_.insert(several.shape_.begin(), 1);
  several.strides_.insert(several.strides_.begin(), 0);
  return several;
}

py::array_t<std::uint8_t> DeviceArray::get() const {
  if (shape_.size() == 4 && is_rgb()) {
    py::array_t<std::uint8_t> all(shape_);
    for (py::ssize_t i = 0; i < shape_[0]; ++i) {
      const FrameView view = at(i).rgb_view();
      std::uint8_t* out = all.mutable_data(i, 0, 0, 0);
      const ReleasedGil released;
      download_rgb24(view, out);
    }
    return all;
  }
  const FrameView view = rgb_view();
  py::array_t<std::uint8_t> rgb(shape_);
  std::uint8_t* out = rgb.mutable_data();
  const ReleasedGil released;
  download_rgb24(view, out);
  return rgb;
}

py::capsule DeviceArray::to_dlpack(const py::object& stream, const py::object& max_version,
                                   const py::object& device, const py::object& copy) const {
  if (!device.is_none() && !device.equal(py::make_tuple(dlpack::kCuda, kDevice))) {
    refuse("dl_device: the array stays on its CUDA device; use .get() for a copy on the host");
  }
  if (!copy.is_none() && copy.cast<bool>()) refuse("copy: the array is handed over as it lies");
  const auto number = stream.is_none() ? 1 : stream.cast<std::int64_t>();
  if (number == 0) refuse("stream: wanted 1 (legacy default), 2 (per thread), -1 or a stream");
  if (number > 1) order_after_legacy_stream(static_cast<std::uintptr_t>(number));
  const auto fill = [this](auto* out) {
    const py::ssize_t item = dtype_.itemsize();
    out->shape.assign(shape_.begin(), shape_.end());
    for (const py::ssize_t bytes : strides_) out->strides.push_back(bytes / item);
    out->owner = owner_;
    out->managed.tensor = {data_,
                           {dlpack::kCuda, kDevice},
                           static_cast<std::int32_t>(shape_.size()),
                           {dlpack::Code::kUnsigned, 8, 1},
                           out->shape.data(),
                           out->strides.data(),
                           0};
    return out;
  };
  if (!is_rgb()) refuse("only arrays of uint8 RGB are handed over");
  const bool versioned = !max_version.is_none() && max_version.cast<py::tuple>()[0].cast<int>() > 0;
  if (!versioned) {
    return make_capsule(fill(new Outgoing<dlpack::Managed>), dlpack::kName,
                        [](PyObject* c) { drop<dlpack::Managed>(c, dlpack::kName); });
  }
  auto* out = fill(new Outgoing<dlpack::ManagedVersioned>);
  out->managed.version = {1, 0};
  return make_capsule(out, dlpack::kVersionedName, [](PyObject* c) {
    drop<dlpack::ManagedVersioned>(c, dlpack::kVersionedName);
  });
}

py::dict DeviceArray::cuda_array_interface() const {
  py::dict offer;
  offer["shape"] = shape();
  offer["typestr"] = dtype_.attr("str");
  offer["data"] = py::make_tuple(reinterpret_cast<std::uintptr_t>(data_), false);
  offer["strides"] = py::tuple(py::cast(strides_));
  offer["version"] = 3;
  offer["stream"] = 1;
  return offer;
}

void register_device_array(py::module_& m) {
  py::class_<DeviceArray>(m, "DeviceArray")
      .def_static("take", &DeviceArray::take, py::arg("array"), py::arg("where") = "array")
      .def_static("is_offered_by", &DeviceArray::is_offered_by, py::arg("object"))
      .def_property_readonly("shape", &DeviceArray::shape)
      .def_property_readonly("dtype", &DeviceArray::dtype)
      .def_property_readonly("ndim", &DeviceArray::dimensions)
      .def("__len__", [](const DeviceArray& a) { return a.shape()[0].cast<py::ssize_t>(); })
      .def("__getitem__", &DeviceArray::at, py::arg("index"))
      .def("as_several", &DeviceArray::as_several)
      .def("get", &DeviceArray::get)
      .def("__dlpack__", &DeviceArray::to_dlpack, py::kw_only(), py::arg("stream") = py::none(),
           py::arg("max_version") = py::none(), py::arg("dl_device") = py::none(),
           py::arg("copy") = py::none())
      .def("__dlpack_device__",
           [](const DeviceArray&) { return py::make_tuple(dlpack::kCuda, kDevice); })
      .def_property_readonly("__cuda_array_interface__", &DeviceArray::cuda_array_interface);
}

}  // namespace mien
