// mien._core: everything that the package `mien` uses of the core.
#include "bindings.h"
#include "mien/error.h"
#include "runtime/process.h"

PYBIND11_MODULE(_core, m) {
  m.doc() = "The C++ core of mien. Use the classes of the package `mien`; this module may change.";
  m.attr("__version__") = MIEN_VERSION;
  if (Py_AtExit(&mien::end_library_calls) != 0) {
    throw mien::ResourceError("Python takes no further function to call at its end");
  }
  mien::count_own_allocations();
  mien::register_errors(m);
  mien::register_options(m);
  mien::register_results(m);
  mien::register_device_array(m);
  mien::register_pixels(m);
  mien::register_video(m);
  mien::register_container_info(m);
  mien::register_frame_account(m);
  mien::register_engine(m);
  mien::register_hog(m);
  mien::register_runtime(m);
  mien::register_build(m);
}
