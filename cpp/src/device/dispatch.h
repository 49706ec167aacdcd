// What the build has beside the CPU. The CUDA parts add files and override these functions; nothing
// else in C++ asks whether they were built.
#pragma once

#include <string>
#include <vector>

namespace mien {

bool cuda_built();
// Whether "CUDA" is the CPU that carries the kernels out for tests (cuda_emulator); such a build
// has one device, by the name "emulated (for tests)".
bool cuda_is_emulated();
// Names of the CUDA devices that answer, in device order; none where the CUDA parts were not built.
std::vector<std::string> cuda_device_names();

}  // namespace mien
