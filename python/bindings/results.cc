// Rows as arrays over the core's own memory.
#include "array.h"
#include "bindings.h"
#include "mien/data.h"

namespace mien {
namespace {

template <auto Member>
auto column() {
  return [](const py::object& self) {
    const auto& results = self.cast<const ResultBatch&>();
    const auto& values = results.*Member;
    return view_of(values, {static_cast<py::ssize_t>(values.size())}, self);
  };
}

}  // namespace

void register_results(py::module_& m) {
  py::class_<ResultBatch>(m, "Results")
      .def_property_readonly("frame", column<&ResultBatch::frame>())
      .def_property_readonly("time", column<&ResultBatch::time>())
      .def_property_readonly("face", column<&ResultBatch::face>())
      .def_property_readonly("track", column<&ResultBatch::track>())
      .def_property_readonly("status",
                             [](const py::object& self) {
                               const auto& status = self.cast<const ResultBatch&>().status;
                               static_assert(sizeof(Status) == 1);
                               return py::array_t<std::uint8_t>(
                                   {static_cast<py::ssize_t>(status.size())},
                                   reinterpret_cast<const std::uint8_t*>(status.data()), self);
                             })
      .def_property_readonly(
          "values",
          [](const py::object& self) {
            const auto& r = self.cast<const ResultBatch&>();
            return view_of(
                r.values, {static_cast<py::ssize_t>(r.rows()), static_cast<py::ssize_t>(r.columns)},
                self);
          })
      .def("__len__", &ResultBatch::rows);
  m.def(
      "status_names",
      [] { return std::vector<std::string>{"ok", "no_face", "decode_error", "low_quality"}; },
      "Names of Results.status, in order.");
}

}  // namespace mien
