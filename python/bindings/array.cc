#include "array.h"

#include "gil.h"
#include "image/packed.h"
#include "image/square_pixels.h"
#include "mien/error.h"

namespace mien {
namespace {

std::string describe(const py::array& array) {
  std::string shape;
  for (py::ssize_t i = 0; i < array.ndim(); ++i) {
    shape += (i ? ", " : "") + std::to_string(array.shape(i));
  }
  return "shape (" + shape + "), dtype " + py::str(array.dtype()).cast<std::string>();
}

bool is_uint8(const py::array& array) {
  return array.dtype().is(py::dtype::of<std::uint8_t>()) ||
         array.dtype().equal(py::dtype::of<std::uint8_t>());
}

Plane plane_of(const py::array& array) {
  return {static_cast<const std::uint8_t*>(array.data()), array.strides(0), array.strides(1)};
}

void check_plane(const py::array& plane, int width, int height, const char* what) {
  if (plane.ndim() != 2 || !is_uint8(plane) || plane.shape(0) < height || plane.shape(1) < width) {
    throw InputError(std::string(what) + " plane: wanted uint8 of at least (" +
                     std::to_string(height) + ", " + std::to_string(width) + "), got " +
                     describe(plane));
  }
}

}  // namespace

std::shared_ptr<const void> keep_alive(py::object object) {
  PyObject* raw = object.release().ptr();
  return {raw, [raw](const void*) {
            release(raw, [](void* kept) { Py_DECREF(static_cast<PyObject*>(kept)); });
          }};
}

FrameView rgb_view(const py::array& rgb, double sar) {
  if (rgb.ndim() != 3 || !is_uint8(rgb) || rgb.shape(2) != 3 || rgb.shape(0) < 1 ||
      rgb.shape(1) < 1) {
    throw InputError("frame: wanted an array of shape (height, width, 3), dtype uint8, RGB; got " +
                     describe(rgb));
  }
  FrameView view;
  view.height = static_cast<int>(rgb.shape(0));
  view.width = static_cast<int>(rgb.shape(1));
  view.model = ColorModel::kRgb;
  view.sar = sar;
  for (int c = 0; c < 3; ++c) {
    view.planes[c] = {static_cast<const std::uint8_t*>(rgb.data()) + c * rgb.strides(2),
                      rgb.strides(0), rgb.strides(1)};
  }
  return view;
}

FrameView planes_view(const std::vector<py::array>& planes, const std::string& model,
                      int chroma_shift_x, int chroma_shift_y, const std::string& matrix,
                      bool full_range, int width, int height, double sar) {
  if (width < 1 || height < 1 || chroma_shift_x < 0 || chroma_shift_x > 2 || chroma_shift_y < 0 ||
      chroma_shift_y > 2) {
    throw InputError("frame: wanted positive sides and chroma shifts 0 to 2");
  }
  FrameView view;
  view.width = width;
  view.height = height;
  view.full_range = full_range;
  view.sar = sar;
  if (model == "rgb") {
    view.model = ColorModel::kRgb;
  } else if (model == "yuv") {
    view.model = ColorModel::kYuv;
  } else if (model == "gray") {
    view.model = ColorModel::kGray;
  } else {
    throw InputError("frame: wanted model rgb, yuv or gray, got '" + model + "'");
  }
  const auto wanted = static_cast<std::size_t>(plane_count(view));
  if (planes.size() != wanted) {
    throw InputError("frame: wanted " + std::to_string(wanted) + " planes for " + model + ", got " +
                     std::to_string(planes.size()));
  }
  if (matrix == "601") {
    view.matrix = YuvMatrix::kBt601;
  } else if (matrix == "709") {
    view.matrix = YuvMatrix::kBt709;
  } else if (matrix == "2020") {
    view.matrix = YuvMatrix::kBt2020;
  } else {
    throw InputError("frame: wanted matrix 601, 709 or 2020, got '" + matrix + "'");
  }
  const bool subsampled = view.model == ColorModel::kYuv;
  view.chroma_shift_x = subsampled ? chroma_shift_x : 0;
  view.chroma_shift_y = subsampled ? chroma_shift_y : 0;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const int plane = static_cast<int>(i);
    check_plane(planes[i], plane_width(view, plane), plane_height(view, plane),
                i > 0 ? "second or third" : "first");
    view.planes[i] = plane_of(planes[i]);
  }
  return view;
}

py::array_t<std::uint8_t> rgb_array(const FrameView& frame) {
  const ImageSize shown = shown_size(frame);
  py::array_t<std::uint8_t> rgb({shown.height, shown.width, 3});
  std::uint8_t* out = rgb.mutable_data();
  const ReleasedGil released;
  to_square_rgb24(frame, out);
  return rgb;
}

}  // namespace mien
