// The engine's steps one by one, as `mien._core.steps`: for tests against references and for
// looking inside, not for speed.
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "align/warp.h"
#include "array.h"
#include "bindings.h"
#include "detect/letterbox.h"
#include "detect/nms.h"
#include "detect/priors.h"
#include "image/pixels.h"
#include "image/similarity.h"
#include "mien/error.h"
#include "runtime/simd.h"
#include "track/tracker.h"

namespace mien {
namespace {

using Floats = py::array_t<float, py::array::c_style | py::array::forcecast>;
using Channels = std::array<float, 3>;
using Four = std::array<float, 4>;

// A frame and what keeps its pixels alive.
struct Image {
  FrameView view;
  std::vector<py::array> owners;
};

void require_shape(const Floats& array, const std::string& name,
                   const std::vector<py::ssize_t>& wanted) {
  bool ok = array.ndim() == static_cast<py::ssize_t>(wanted.size());
  for (std::size_t i = 0; ok && i < wanted.size(); ++i) {
    ok = wanted[i] < 0 || array.shape(static_cast<py::ssize_t>(i)) == wanted[i];
  }
  if (ok) return;
  std::string text = name + ": wanted shape (";
  for (const py::ssize_t side : wanted) text += (side < 0 ? "N" : std::to_string(side)) + ",";
  throw InputError(text + "), got " + std::to_string(array.ndim()) + " dimensions and " +
                   std::to_string(array.size()) + " values");
}

Points5 to_points(const Floats& array, const std::string& name) {
  require_shape(array, name, {5, 2});
  Points5 points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i] = {array.data()[2 * i], array.data()[2 * i + 1]};
  }
  return points;
}

std::vector<Box> to_boxes(const Floats& array) {
  require_shape(array, "boxes", {-1, 4});
  std::vector<Box> boxes(static_cast<std::size_t>(array.shape(0)));
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const float* b = array.data() + 4 * i;
    boxes[i] = {b[0], b[1], b[2], b[3]};
  }
  return boxes;
}

Similarity to_similarity(const Four& s) { return {s[0], s[1], s[2], s[3]}; }
Four from_similarity(const Similarity& s) { return {s.a, s.b, s.tx, s.ty}; }
Box to_box(const Four& b) { return {b[0], b[1], b[2], b[3]}; }

py::array_t<float> run_letterbox(const Image& image, int max_side, int multiple,
                                 const Channels& mean, const Channels& std, float border) {
  const LetterboxPlan plan =
      plan_letterbox(image.view.width, image.view.height, max_side, multiple);
  py::array_t<float> out({3, plan.height, plan.width});
  letterbox(image.view, plan, {mean, std}, border, out.mutable_data());
  return out;
}

py::array_t<float> run_warp(const Image& image, const Four& frame_to_crop, int size,
                            const Channels& mean, const Channels& std, float border) {
  py::array_t<float> out({3, size, size});
  warp(image.view, to_similarity(frame_to_crop), size, {mean, std}, border, out.mutable_data());
  return out;
}

py::array_t<std::uint8_t> run_to_rgb(const Image& image) {
  py::array_t<std::uint8_t> out({image.view.height, image.view.width, 3});
  to_rgb24(image.view, out.mutable_data());
  return out;
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

// Boxes (N, 4), scores (N) and points (N, 5, 2) in frame pixels.
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

std::vector<int> run_tracker(Tracker& tracker, std::int64_t frame, double time,
                             const Floats& array) {
  FaceBatch faces;
  for (const Box& box : to_boxes(array)) faces.add(0, box, 1, {});
  tracker.update(frame, time, faces, 0, faces.size());
  return faces.track;
}

Isa isa_of(const std::string& name) {
  for (const Isa isa : {Isa::kBaseline, Isa::kAvx2, Isa::kAvx512}) {
    if (name == isa_name(isa)) return isa;
  }
  throw OptionError("isa: wanted baseline, avx2 or avx512, got '" + name + "'");
}

void register_image(py::module_& m) {
  py::class_<Image>(m, "Image")
      .def(py::init([](const py::array& rgb) { return Image{rgb_view(rgb), {rgb}}; }),
           py::arg("rgb"))
      .def(py::init([](const std::vector<py::array>& planes, const std::string& model, int shift_x,
                       int shift_y, const std::string& matrix, bool full_range, int width,
                       int height) {
             return Image{
                 planes_view(planes, model, shift_x, shift_y, matrix, full_range, width, height),
                 planes};
           }),
           py::arg("planes"), py::kw_only(), py::arg("model"), py::arg("chroma_shift_x") = 0,
           py::arg("chroma_shift_y") = 0, py::arg("matrix") = "601", py::arg("full_range") = false,
           py::arg("width"), py::arg("height"))
      .def("to_rgb", &run_to_rgb);
}

void register_detection(py::module_& m) {
  py::class_<LetterboxPlan>(m, "LetterboxPlan")
      .def_readonly("content_width", &LetterboxPlan::content_width)
      .def_readonly("content_height", &LetterboxPlan::content_height)
      .def_readonly("width", &LetterboxPlan::width)
      .def_readonly("height", &LetterboxPlan::height)
      .def_readonly("scale_x", &LetterboxPlan::scale_x)
      .def_readonly("scale_y", &LetterboxPlan::scale_y);
  py::class_<DetectorInfo>(m, "DetectorInfo")
      .def(py::init([](std::vector<int> strides, std::vector<std::vector<float>> min_sizes,
                       const std::array<float, 2>& variances) {
             DetectorInfo info;
             info.strides = std::move(strides);
             info.min_sizes = std::move(min_sizes);
             info.variances = variances;
             return info;
           }),
           py::arg("strides"), py::arg("min_sizes"), py::arg("variances"));
  m.def("plan_letterbox", &plan_letterbox, py::arg("width"), py::arg("height"), py::arg("max_side"),
        py::arg("multiple"));
  m.def("letterbox", &run_letterbox, py::arg("image"), py::arg("max_side"), py::arg("multiple"),
        py::arg("mean"), py::arg("std"), py::arg("border"));
  m.def("make_priors", &run_make_priors, py::arg("info"), py::arg("width"), py::arg("height"));
  m.def("decode_faces", &run_decode, py::arg("info"), py::arg("scores"), py::arg("boxes"),
        py::arg("points"), py::arg("plan"), py::arg("score_threshold"), py::arg("nms_iou"),
        py::arg("max_faces"));
  m.def(
      "iou",
      [](const Four& a, const Four& b) { return intersection_over_union(to_box(a), to_box(b)); },
      py::arg("a"), py::arg("b"));
  m.def(
      "nms",
      [](const Floats& boxes, const std::vector<float>& scores, float iou, int max_kept) {
        require_shape(boxes, "boxes", {static_cast<py::ssize_t>(scores.size()), 4});
        return non_maximum_suppression(to_boxes(boxes), scores, iou, max_kept);
      },
      py::arg("boxes"), py::arg("scores"), py::arg("iou_threshold"), py::arg("max_kept"));
}

// Similarities are tuples (a, b, tx, ty).
void register_alignment(py::module_& m) {
  m.def(
      "fit_similarity",
      [](const Floats& from, const Floats& to) {
        return from_similarity(fit_similarity(to_points(from, "from"), to_points(to, "to")));
      },
      py::arg("from_points"), py::arg("to_points"));
  m.def(
      "invert", [](const Four& s) { return from_similarity(invert(to_similarity(s))); },
      py::arg("similarity"));
  m.def(
      "apply",
      [](const Four& s, const std::array<float, 2>& p) {
        const Point to = apply(to_similarity(s), {p[0], p[1]});
        return std::array<float, 2>{to.x, to.y};
      },
      py::arg("similarity"), py::arg("point"));
  m.def(
      "is_usable", [](const Four& s) { return is_usable(to_similarity(s)); },
      py::arg("similarity"));
  m.def("warp", &run_warp, py::arg("image"), py::arg("frame_to_crop"), py::arg("size"),
        py::arg("mean"), py::arg("std"), py::arg("border"));
}

}  // namespace

void register_steps(py::module_& m) {
  py::module_ steps = m.def_submodule("steps", "Single steps of the engine; may change.");
  register_image(steps);
  register_detection(steps);
  register_alignment(steps);
  py::class_<Tracker>(steps, "Tracker")
      .def(py::init<>())
      .def("update", &run_tracker, py::arg("frame"), py::arg("time"), py::arg("boxes"));
  steps.def("active_isa", [] { return isa_name(active_isa()); });
  steps.def(
      "limit_isa", [](const std::string& name) { return isa_name(limit_isa(isa_of(name))); },
      py::arg("name"));
}

}  // namespace mien
