// The core's exceptions become the Python classes of the same names in mien.errors.
#include "bindings.h"
#include "mien/error.h"

namespace mien {
namespace {

void raise_as(const char* name, const char* message) {
  const py::object type = py::module_::import("mien.errors").attr(name);
  PyErr_SetString(type.ptr(), message);
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
    } catch (const Error& e) {
      raise_as("MienError", e.what());
    }
  });
}

}  // namespace mien
