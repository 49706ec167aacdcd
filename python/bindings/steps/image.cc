// Image: planes or an RGB array as the steps take them, and their RGB values.
#include "mien/error.h"
#include "runtime/simd.h"
#include "steps.h"

namespace mien::steps {
namespace {

Image of_planes(const std::vector<py::array>& planes, const std::string& model, int shift_x,
                int shift_y, const std::string& matrix, bool full_range, int width, int height) {
  return {planes_view(planes, model, shift_x, shift_y, matrix, full_range, width, height), planes};
}

Isa isa_of(const std::string& name) {
  for (const Isa isa : {Isa::kBaseline, Isa::kAvx2, Isa::kAvx512}) {
    if (name == isa_name(isa)) return isa;
  }
  throw OptionError("isa: wanted baseline, avx2 or avx512, got '" + name + "'");
}

}  // namespace

void register_image(py::module_& m) {
  py::class_<Image>(m, "Image", "An image as the steps take it.")
      .def(py::init(
               [](const py::array& rgb, double sar) { return Image{rgb_view(rgb, sar), {rgb}}; }),
           py::arg("rgb"), py::arg("sar") = 1.0)
      .def(py::init(&of_planes), py::arg("planes"), py::kw_only(), py::arg("model"),
           py::arg("chroma_shift_x") = 0, py::arg("chroma_shift_y") = 0, py::arg("matrix") = "601",
           py::arg("full_range") = false, py::arg("width"), py::arg("height"))
      .def(
          "to_rgb", [](const Image& image) { return rgb_array(image.view); },
          "RGB values, (height, width, 3) uint8.");
  m.def(
      "active_isa", [] { return isa_name(active_isa()); },
      "Name of the instruction set that this extension's steps use.");
  m.def(
      "limit_isa", [](const std::string& name) { return isa_name(limit_isa(isa_of(name))); },
      py::arg("name"),
      "Lets this extension's steps use no more than an instruction set; returns the one in use.");
}

}  // namespace mien::steps
