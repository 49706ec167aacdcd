// What the build has beside the CPU. The CUDA parts add files and override these functions; nothing
// else in C++ asks whether they were built.
#pragma once

#include <string>
#include <vector>

namespace mien {

bool cuda_built();
// Whether "CUDA" is the CPU that carries the kernels out for tests (cuda/on_host); such a build has
// one device, by the name "host (for tests)".
bool cuda_on_host();
// Names of the CUDA devices that answer, in device order; none where the CUDA parts were not built.
std::vector<std::string> cuda_device_names();

}  // namespace mien
