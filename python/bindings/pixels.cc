// RGB values of a frame that is given by its planes.
#include "array.h"
#include "bindings.h"

namespace mien {
namespace {

py::array_t<std::uint8_t> run_to_rgb(const std::vector<py::array>& planes, const std::string& model,
                                     int chroma_shift_x, int chroma_shift_y,
                                     const std::string& matrix, bool full_range, int width,
                                     int height) {
  return rgb_array(planes_view(planes, model, chroma_shift_x, chroma_shift_y, matrix, full_range,
                               width, height));
}

}  // namespace

void register_pixels(py::module_& m) {
  m.def("to_rgb", &run_to_rgb, py::arg("planes"), py::arg("model"), py::arg("chroma_shift_x"),
        py::arg("chroma_shift_y"), py::arg("matrix"), py::arg("full_range"), py::arg("width"),
        py::arg("height"), "RGB values of a frame, (height, width, 3) uint8.");
}

}  // namespace mien
