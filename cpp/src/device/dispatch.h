// Which devices the build supports beside the CPU. The CUDA parts add files that define these
// functions; nothing else in C++ depends on whether they were built.
#pragma once

#include <string>
#include <vector>

namespace mien {

bool cuda_built();
// Whether CUDA is emulated on the CPU, for tests (cpp/cuda_emulator, MIEN_CUDA=EMULATED). Such a
// build has one device, named "emulated (for tests)".
bool cuda_is_emulated();
// Names of the available CUDA devices, in device order; none if the CUDA parts were not built.
std::vector<std::string> cuda_device_names();

}  // namespace mien
