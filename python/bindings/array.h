// NumPy arrays in without a copy, vectors out without a copy.
#pragma once

#include <pybind11/numpy.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bindings.h"
#include "mien/data.h"

namespace mien {

// Holds a reference to a Python object from any thread, see Note [End of the interpreter].
std::shared_ptr<const void> keep_alive(py::object object);

// A view of an (H, W, 3) uint8 RGB array with any strides; `sar` is its sample aspect ratio. Throws
// InputError saying what was wanted and what came.
FrameView rgb_view(const py::array& rgb, double sar = 1);

// A view of 2-D uint8 planes: 3 for "rgb" and "yuv", 1 for "gray". Throws InputError if they don't
// cover the image.
FrameView planes_view(const std::vector<py::array>& planes, const std::string& model,
                      int chroma_shift_x, int chroma_shift_y, const std::string& matrix,
                      bool full_range, int width, int height, double sar = 1);

// The RGB values of a frame in CPU memory, (height, width, 3) in square pixels. Releases the GIL
// while it converts.
py::array_t<std::uint8_t> rgb_array(const FrameView& frame);

// An array over a vector that `owner` keeps alive.
template <typename T>
py::array_t<T> view_of(const std::vector<T>& values, std::vector<py::ssize_t> shape,
                       py::handle owner) {
  return py::array_t<T>(std::move(shape), values.data(), owner);
}

}  // namespace mien
