// RGB values of a frame that is given by its planes.
#include "array.h"
#include "bindings.h"
#include "image/square_pixels.h"
#include "video/sample_aspect_ratio.h"

namespace mien {
namespace {

py::array_t<std::uint8_t> run_to_rgb(const std::vector<py::array>& planes, const std::string& model,
                                     int chroma_shift_x, int chroma_shift_y,
                                     const std::string& matrix, bool full_range, int width,
                                     int height, double sar) {
  return rgb_array(planes_view(planes, model, chroma_shift_x, chroma_shift_y, matrix, full_range,
                               width, height, sar));
}

}  // namespace

void register_pixels(py::module_& m) {
  m.def(
      "believed_sar",
      [](std::int64_t num, std::int64_t den) { return believed(StatedSar{num, den}); },
      py::arg("num"), py::arg("den"),
      "The sample aspect ratio num : den as a number, or 1 where it can't be that of pixels.");
  m.def(
      "shown_size",
      [](int width, int height, double sar) {
        const ImageSize shown = shown_size(width, height, sar);
        return py::make_tuple(shown.width, shown.height);
      },
      py::arg("width"), py::arg("height"), py::arg("sar"),
      "Width and height in square pixels of an image with these stored sides.");
  m.def("to_rgb", &run_to_rgb, py::arg("planes"), py::arg("model"), py::arg("chroma_shift_x"),
        py::arg("chroma_shift_y"), py::arg("matrix"), py::arg("full_range"), py::arg("width"),
        py::arg("height"), py::arg("sar") = 1.0,
        "RGB values of a frame, (height, width, 3) uint8 in square pixels.");
}

}  // namespace mien
