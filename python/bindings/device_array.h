// Arrays on a CUDA device, from others and for others, without a copy.
#pragma once

#include <pybind11/numpy.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bindings.h"
#include "device/device.h"
#include "mien/data.h"

namespace mien {

// Of any shape and type; the pixels we read are (height, width, 3) or (frames, height, width, 3)
// uint8. Its owner may be let go from any thread.
class DeviceArray {
 public:
  // (height, width, 3), as DeviceImages::rgb24 makes them.
  explicit DeviceArray(const DeviceImages::Image& rgb);
  // Takes what an object offers by DLPack or __cuda_array_interface__. What its owner has queued on
  // it comes before what is queued on the legacy default stream from now on (device/device.h, Note
  // [Order of work]). `where` starts the message of an InputError.
  static DeviceArray take(const py::object& object, const std::string& where);
  // Whether an object offers memory on a CUDA device.
  static bool is_offered_by(const py::object& object);

  py::tuple shape() const;
  const py::dtype& dtype() const { return dtype_; }
  py::ssize_t dimensions() const { return static_cast<py::ssize_t>(shape_.size()); }
  // Throws InputError if the array is not one frame of RGB.
  FrameView rgb_view() const;
  const std::shared_ptr<const void>& owner() const { return owner_; }

  // A frame of several.
  DeviceArray at(py::ssize_t index) const;
  // With one more dimension, of one element, in front.
  DeviceArray as_several() const;
  // A copy on the host; RGB only.
  py::array_t<std::uint8_t> get() const;

  py::capsule to_dlpack(const py::object& stream, const py::object& max_version,
                        const py::object& device, const py::object& copy) const;
  py::dict cuda_array_interface() const;

 private:
  DeviceArray() = default;
  static DeviceArray from_dlpack(const py::object& object, const std::string& where);
  static DeviceArray from_interface(const py::object& object, const std::string& where);
  std::string describe() const;
  bool is_rgb() const;  // the last three dimensions

  std::uint8_t* data_ = nullptr;
  py::dtype dtype_;
  std::vector<py::ssize_t> shape_;
  std::vector<py::ssize_t> strides_;  // bytes
  std::shared_ptr<const void> owner_;
};

}  // namespace mien
