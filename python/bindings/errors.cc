// The core's exceptions become the Python classes of the same names in mien.errors.
#include <cstring>

#include "bindings.h"
#include "mien/error.h"

namespace mien {
namespace {

// A message may name a file, whose name may be any bytes: those that are not UTF-8 become \xe9.
void raise_as(const char* name, const char* message) {
  const py::object type = py::module_::import("mien.errors").attr(name);
  const auto text = py::reinterpret_steal<py::object>(PyUnicode_DecodeUTF8(
      message, static_cast<py::ssize_t>(std::strlen(message)), "backslashreplace"));
  PyErr_SetObject(type.ptr(), text.ptr());
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
