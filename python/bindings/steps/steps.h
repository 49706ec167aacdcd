// Shared by the bindings of single steps: arrays and tuples from Python as the core's types.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "array.h"
#include "bindings.h"
#include "mien/data.h"

namespace mien::steps {

using Floats = py::array_t<float, py::array::c_style | py::array::forcecast>;
using Channels = std::array<float, 3>;
using Four = std::array<float, 4>;

// A frame and the arrays that hold its pixels.
struct Image {
  FrameView view;
  std::vector<py::array> owners;
};

// Throws InputError if `array` has another shape; -1 stands for any size.
void require_shape(const Floats& array, const std::string& name,
                   const std::vector<py::ssize_t>& wanted);

// An (N, 4) array: left, top, width, height. Throws as require_shape does.
std::vector<Box> to_boxes(const Floats& array);

void register_image(py::module_& m);
void register_detection(py::module_& m);
void register_alignment(py::module_& m);
void register_tracking(py::module_& m);
void register_networks(py::module_& m);

}  // namespace mien::steps
