// Shared prelude of the bindings. A binding body converts, releases the GIL, calls, returns.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

namespace py = pybind11;

namespace mien {

void register_errors(py::module_& m);
void register_options(py::module_& m);
void register_results(py::module_& m);
void register_device_array(py::module_& m);
void register_pixels(py::module_& m);
void register_video(py::module_& m);
void register_container_info(py::module_& m);
void register_frame_account(py::module_& m);
void register_engine(py::module_& m);
void register_hog(py::module_& m);
void register_runtime(py::module_& m);
void register_build(py::module_& m);
void count_own_allocations();

}  // namespace mien
