// The core's exceptions become the Python classes of the same names in mien.errors.
#include "bindings.h"
#include "mien/error.h"

namespace mien {
namespace {

// Messages name files, whose names are bytes: those that are no UTF-8 become surrogates, as in
// Python's own paths.
void raise_as(const char* name, const char* message) {
  const py::object type = py::module_::import("mien.errors").attr(name);
  const auto text = py::reinterpret_steal<py::object>(PyUnicode_DecodeFSDefault(message));
  if (text) PyErr_SetObject(type.ptr(), text.ptr());
}

}  // namespace

// Local to each extension: every one translates what its own copy of the core throws.
void register_errors(py::module_&) {
  py::register_local_exception_translator([](std::exception_ptr p) {
    try {
      if (p) std::rethrow_exception(p);
    } catch (const InputError& e) {
      raise_as("InputError", e.what());
    } catch (const OptionError& e) {
      raise_as("OptionError", e.what());
    } catch (const PackError& e) {
      raise_as("PackError", e.what());
    } catch (const ProviderError& e) {
      raise_as("ProviderError", e.what());
    } catch (const ResourceError& e) {
      raise_as("ResourceError", e.what());
    } catch (const Error& e) {
      raise_as("MienError", e.what());
    }
  });
}

}  // namespace mien
