// Alignment step by step: the similarity of five points, and the warp into a crop. In Python a
// similarity is the tuple (a, b, tx, ty).
#include "align/warp.h"
#include "image/similarity.h"
#include "steps.h"

namespace mien::steps {
namespace {

Similarity to_similarity(const Four& s) { return {s[0], s[1], s[2], s[3]}; }
Four from_similarity(const Similarity& s) { return {s.a, s.b, s.tx, s.ty}; }

Points5 to_points(const Floats& array, const std::string& name) {
  require_shape(array, name, {5, 2});
  Points5 points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i] = {array.data()[2 * i], array.data()[2 * i + 1]};
  }
  return points;
}

Four run_fit(const Floats& from, const Floats& to) {
  return from_similarity(fit_similarity(to_points(from, "from"), to_points(to, "to")));
}

std::array<float, 2> run_apply(const Four& s, const std::array<float, 2>& p) {
  const Point to = apply(to_similarity(s), {p[0], p[1]});
  return {to.x, to.y};
}

py::array_t<float> run_warp(const Image& image, const Four& frame_to_crop, int size,
                            const Channels& mean, const Channels& std, float border) {
  py::array_t<float> out({3, size, size});
  warp(image.view, to_similarity(frame_to_crop), size, {mean, std}, border, out.mutable_data());
  return out;
}

}  // namespace

void register_alignment(py::module_& m) {
  m.def("fit_similarity", &run_fit, py::arg("from_points"), py::arg("to_points"));
  m.def(
      "invert", [](const Four& s) { return from_similarity(invert(to_similarity(s))); },
      py::arg("similarity"));
  m.def("apply", &run_apply, py::arg("similarity"), py::arg("point"));
  m.def(
      "is_usable", [](const Four& s) { return is_usable(to_similarity(s)); },
      py::arg("similarity"));
  m.def("warp", &run_warp, py::arg("image"), py::arg("frame_to_crop"), py::arg("size"),
        py::arg("mean"), py::arg("std"), py::arg("border"),
        "The normalized crop, (3, size, size) float32.");
}

}  // namespace mien::steps
