#include "core/dispatch.h"

// With CUDA these live in cpp/cuda/devices.cu.
#ifndef MIEN_HAS_CUDA
namespace mien {

bool cuda_built() { return false; }
bool cuda_on_host() { return false; }
std::vector<std::string> cuda_device_names() { return {}; }

}  // namespace mien
#endif
