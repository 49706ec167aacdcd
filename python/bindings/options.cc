// The option structs themselves, not copies of their fields.
#include "mien/options.h"

#include "bindings.h"

namespace mien {
namespace {

// Keyword arguments set the fields of the same names.
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

// Names to values, in order of declaration.
template <typename Options>
py::dict as_dict(const Options& options) {
  py::dict values;
  for_each_field<Options>(
      [&](const auto& field) { values[field.name] = py::cast(options.*field.member); });
  return values;
}

template <typename Options>
void register_struct(py::module_& m, const char* name) {
  py::class_<Options> type(m, name);
  type.def(py::init(&from_keywords<Options>))
      .def("validate", &Options::validate)
      .def("as_dict", &as_dict<Options>)
      .def("to_string", &Options::to_string)
      .def("__repr__", [name = std::string(name)](const Options& options) {
        return name + "(" + options.to_string() + ")";
      });
  for_each_field<Options>([&](const auto& field) { type.def_readwrite(field.name, field.member); });
}

}  // namespace

void register_options(py::module_& m) {
  register_struct<EngineOptions>(m, "EngineOptions");
  register_struct<ReadOptions>(m, "ReadOptions");
}

}  // namespace mien
