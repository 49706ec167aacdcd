// Detection step by step: letterbox, priors, decoding, suppression.
#include <utility>

#include "detect/letterbox.h"
#include "detect/nms.h"
#include "detect/priors.h"
#include "image/square_pixels.h"
#include "steps.h"

namespace mien::steps {
namespace {

Box to_box(const Four& b) { return {b[0], b[1], b[2], b[3]}; }

py::array_t<float> run_letterbox(const Image& image, int max_side, int multiple,
                                 const Channels& mean, const Channels& std, float border) {
  const ImageSize shown = shown_size(image.view);
  const LetterboxPlan plan = plan_letterbox(shown.width, shown.height, max_side, multiple);
  py::array_t<float> out({3, plan.height, plan.width});
  letterbox(image.view, plan, {mean, std}, border, out.mutable_data());
  return out;
}

DetectorInfo make_info(std::vector<int> strides, std::vector<std::vector<float>> min_sizes,
                       const std::array<float, 2>& variances) {
  DetectorInfo info;
  info.strides = std::move(strides);
  info.min_sizes = std::move(min_sizes);
  info.variances = variances;
  return info;
}

py::array_t<float> run_make_priors(const DetectorInfo& info, int width, int height) {
  const std::vector<Prior> priors = make_priors(info, width, height);
  py::array_t<float> out({static_cast<py::ssize_t>(priors.size()), py::ssize_t{3}});
  float* to = out.mutable_data();
  for (const Prior& p : priors) {
    *to++ = p.cx;
    *to++ = p.cy;
    *to++ = p.side;
  }
  return out;
}

py::tuple run_decode(const DetectorInfo& info, const Floats& scores, const Floats& boxes,
                     const Floats& points, const LetterboxPlan& plan, float score_threshold,
                     float nms_iou, int max_faces) {
  const std::vector<Prior> priors = make_priors(info, plan.width, plan.height);
  const py::ssize_t count = static_cast<py::ssize_t>(priors.size());
  require_shape(scores, "scores", {count});
  require_shape(boxes, "boxes", {count, 4});
  require_shape(points, "points", {count, 10});
  FaceBatch faces;
  decode_faces({scores.data(), boxes.data(), points.data()}, priors, info, plan,
               {score_threshold, nms_iou, max_faces}, 0, faces);
  const py::ssize_t n = static_cast<py::ssize_t>(faces.size());
  static_assert(sizeof(Box) == 4 * sizeof(float) && sizeof(Points5) == 10 * sizeof(float));
  return py::make_tuple(
      py::array_t<float>({n, py::ssize_t{4}}, reinterpret_cast<const float*>(faces.box.data())),
      py::array_t<float>(n, faces.score.data()),
      py::array_t<float>({n, py::ssize_t{5}, py::ssize_t{2}},
                         reinterpret_cast<const float*>(faces.points.data())));
}

std::vector<int> run_nms(const Floats& boxes, const std::vector<float>& scores, float iou,
                         int max_kept) {
  require_shape(boxes, "boxes", {static_cast<py::ssize_t>(scores.size()), 4});
  return non_maximum_suppression(to_boxes(boxes), scores, iou, max_kept);
}

void register_letterbox(py::module_& m) {
  py::class_<LetterboxPlan>(m, "LetterboxPlan", "Where a letterboxed image lies; pixels.")
      .def_readonly("content_width", &LetterboxPlan::content_width)
      .def_readonly("content_height", &LetterboxPlan::content_height)
      .def_readonly("width", &LetterboxPlan::width)
      .def_readonly("height", &LetterboxPlan::height)
      .def_readonly("scale_x", &LetterboxPlan::scale_x)
      .def_readonly("scale_y", &LetterboxPlan::scale_y);
  m.def("plan_letterbox", &plan_letterbox, py::arg("width"), py::arg("height"), py::arg("max_side"),
        py::arg("multiple"));
  m.def("letterbox", &run_letterbox, py::arg("image"), py::arg("max_side"), py::arg("multiple"),
        py::arg("mean"), py::arg("std"), py::arg("border"),
        "The normalized, letterboxed image, (3, height, width) float32.");
}

}  // namespace

void register_detection(py::module_& m) {
  register_letterbox(m);
  py::class_<DetectorInfo>(m, "DetectorInfo", "What decoding needs of a network's file.")
      .def(py::init(&make_info), py::arg("strides"), py::arg("min_sizes"), py::arg("variances"));
  m.def(
      "make_priors", &run_make_priors, py::arg("info"), py::arg("width"), py::arg("height"),
      "Centre x, centre y and side of each prior, (N, 3) float32, pixels of the network's input.");
  m.def("decode_faces", &run_decode, py::arg("info"), py::arg("scores"), py::arg("boxes"),
        py::arg("points"), py::arg("plan"), py::arg("score_threshold"), py::arg("nms_iou"),
        py::arg("max_faces"),
        "Boxes (N, 4), scores (N,) and points (N, 5, 2) in pixels of the frame, float32.");
  m.def(
      "iou",
      [](const Four& a, const Four& b) { return intersection_over_union(to_box(a), to_box(b)); },
      py::arg("a"), py::arg("b"));
  m.def("nms", &run_nms, py::arg("boxes"), py::arg("scores"), py::arg("iou_threshold"),
        py::arg("max_kept"), "Indices of the boxes that are kept, best first.");
}

}  // namespace mien::steps
