// The option structs themselves, not copies of their fields.
#include "mien/options.h"

#include "bindings.h"

namespace mien {
namespace {

// Keyword arguments set the fields of the same names; an unknown name is an AttributeError of the
// field that isn't there.
template <typename Options>
Options from_keywords(const py::kwargs& keywords) {
  py::object options = py::cast(Options{});
  for (const auto& [name, value] : keywords) {
    if (!py::hasattr(options, name)) {
      throw py::type_error("unknown option '" + py::str(name).cast<std::string>() + "'");
    }
    py::setattr(options, name, value);
  }
  return options.cast<Options>();
}

}  // namespace

void register_options(py::module_& m) {
  py::class_<EngineOptions>(m, "EngineOptions")
      .def(py::init(&from_keywords<EngineOptions>))
      .def_readwrite("device", &EngineOptions::device)
      .def_readwrite("threads", &EngineOptions::threads)
      .def_readwrite("batch_size", &EngineOptions::batch_size)
      .def_readwrite("detection_size", &EngineOptions::detection_size)
      .def_readwrite("score_threshold", &EngineOptions::score_threshold)
      .def_readwrite("max_faces", &EngineOptions::max_faces)
      .def_readwrite("detect_interval", &EngineOptions::detect_interval)
      .def("validate", &EngineOptions::validate)
      .def("__repr__",
           [](const EngineOptions& o) { return "EngineOptions(" + o.to_string() + ")"; });
  py::class_<ReadOptions>(m, "ReadOptions")
      .def(py::init(&from_keywords<ReadOptions>))
      .def_readwrite("every", &ReadOptions::every)
      .def_readwrite("start", &ReadOptions::start)
      .def_readwrite("end", &ReadOptions::end)
      .def("validate", &ReadOptions::validate)
      .def("__repr__", [](const ReadOptions& o) { return "ReadOptions(" + o.to_string() + ")"; });
}

}  // namespace mien
