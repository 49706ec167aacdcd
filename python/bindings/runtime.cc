// The inference library: which one, and what it can compute on.
#include "bindings.h"
#include "infer/session.h"

namespace mien {
namespace {

py::dict describe_runtime() {
  const RuntimeInfo& info = runtime_info();
  py::dict d;
  d["path"] = info.path;
  d["version"] = info.version;
  d["providers"] = info.providers;
  return d;
}

}  // namespace

void register_runtime(py::module_& m) {
  m.def("set_runtime_library", &set_runtime_library, py::arg("path"));
  m.def("runtime_info", &describe_runtime);
  m.def("choose_provider", &choose_provider, py::arg("device"));
}

}  // namespace mien
