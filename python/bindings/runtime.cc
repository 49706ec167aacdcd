// The inference library: which one, and what it can compute on.
#include <pybind11/stl/filesystem.h>

#include <filesystem>

#include "bindings.h"
#include "infer/session.h"

namespace mien {
namespace {

py::dict describe_runtime() {
  const RuntimeInfo& info = runtime_info();
  py::dict d;
  d["path"] = py::reinterpret_steal<py::object>(PyUnicode_DecodeFSDefault(info.path.c_str()));
  d["version"] = info.version;
  d["providers"] = info.providers;
  return d;
}

}  // namespace

void register_runtime(py::module_& m) {
  m.def(
      "set_runtime_library",
      [](const std::filesystem::path& path) { set_runtime_library(path.string()); },
      py::arg("path"));
  m.def("runtime_info", &describe_runtime);
  m.def("choose_provider", &choose_provider, py::arg("device"));
}

}  // namespace mien
