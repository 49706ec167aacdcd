// Whole networks: what a file says of itself, and what the network gives for one input.
#include <pybind11/stl/filesystem.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <type_traits>

#include "gil.h"
#include "infer/model_info.h"
#include "infer/session.h"
#include "mien/error.h"
#include "steps.h"

namespace mien::steps {
namespace {

py::list describe_tensors(const std::vector<TensorSpec>& specs) {
  py::list tensors;
  for (const TensorSpec& spec : specs) {
    py::list shape;
    for (const std::int64_t n : spec.shape) {
      shape.append(n < 0 ? py::object(py::none()) : py::object(py::int_(n)));
    }
    py::dict d;
    d["name"] = spec.name;
    d["type"] = spec.type;
    d["shape"] = py::tuple(shape);
    tensors.append(d);
  }
  return tensors;
}

template <typename Info>
void describe_common(py::dict& d, const Info& info) {
  d["name"] = info.name;
  d["version"] = info.version;
  d["mean"] = info.normalization.mean;
  d["std"] = info.normalization.std;
  d["border"] = info.border;
}

void describe_network(py::dict& d, const DetectorInfo& info) {
  describe_common(d, info);
  d["max_side"] = info.max_side;
  d["multiple"] = info.multiple;
  d["strides"] = info.strides;
  d["min_sizes"] = info.min_sizes;
  d["variances"] = info.variances;
  d["score_threshold"] = info.score_threshold;
  d["nms_iou"] = info.nms_iou;
}

void describe_network(py::dict& d, const BehaviourInfo& info) {
  describe_common(d, info);
  d["size"] = info.size;
  py::list points;
  for (const Point& p : info.crop_template) points.append(py::make_tuple(p.x, p.y));
  d["template"] = points;
  py::dict heads;
  for (const HeadInfo& head : info.heads) {
    py::dict h;
    h["columns"] = head.columns;
    h["activation"] = activation_name(head.activation);
    h["scale"] = head.scale;
    h["offset"] = head.offset;
    h["unit"] = head.unit;
    h["range"] = head.range;
    heads[py::str(head.name)] = h;
  }
  d["heads"] = heads;
}

py::dict read_model_info(const std::filesystem::path& path, const std::string& role) {
  if (role != "localization" && role != "behaviour") {
    throw OptionError("role: wanted localization or behaviour, got '" + role + "'");
  }
  const Session session(path.string(), {});
  py::dict d;
  d["role"] = role;
  if (role == "localization") {
    describe_network(d, read_detector_info(session));
  } else {
    describe_network(d, read_behaviour_info(session));
  }
  d["license"] = session.metadata().at("mien.license");
  d["inputs"] = describe_tensors(session.inputs());
  d["outputs"] = describe_tensors(session.outputs());
  d["metadata"] = session.metadata();
  return d;
}

template <typename Value>
using Array = py::array_t<Value, py::array::c_style>;

// One thread.
template <typename Value>
py::dict run_network(const std::filesystem::path& path, const Array<Value>& input,
                     const std::string& provider) {
  const Session session(path.string(), {.provider = provider});
  Binding binding(session, std::vector<std::int64_t>(input.shape(), input.shape() + input.ndim()));
  if constexpr (std::is_same_v<Value, float>) {
    std::copy(input.data(), input.data() + input.size(), binding.input());
  } else {
    std::copy(input.data(), input.data() + input.size(), binding.input_bytes());
  }
  {
    const ReleasedGil released;
    binding.run();
  }
  py::dict outputs;
  for (std::size_t i = 0; i < binding.output_count(); ++i) {
    outputs[py::str(session.outputs()[i].name)] =
        py::array_t<float>(binding.output_shape(i), binding.output(i));  // a copy
  }
  return outputs;
}

}  // namespace

void register_networks(py::module_& m) {
  m.def(
      "set_runtime_library",
      [](const std::filesystem::path& path) { set_runtime_library(path.string()); },
      py::arg("path"), "Which ONNX Runtime library this extension opens.");
  m.def("read_model_info", &read_model_info, py::arg("path"), py::arg("role"),
        "What a network's file says of itself, checked for a role.");
  m.def("run_network", &run_network<float>, py::arg("path"), py::arg("input").noconvert(),
        py::arg("provider") = "cpu", "Outputs by name, float32, for one input.");
  m.def("run_network", &run_network<std::uint8_t>, py::arg("path"), py::arg("input").noconvert(),
        py::arg("provider") = "cpu");
}

}  // namespace mien::steps
