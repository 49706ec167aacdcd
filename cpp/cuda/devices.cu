#include "cuda/check.h"
#include "cuda/launch.h"
#include "device/dispatch.h"

namespace mien {

bool cuda_built() { return true; }
bool cuda_is_emulated() { return cuda::kIsEmulated; }

// A machine without a driver or a device is no error: the list is empty.
std::vector<std::string> cuda_device_names() {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) {
    cudaGetLastError();  // clears the error, so that later calls don't report it
    return {};
  }
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    cudaDeviceProp properties;
    MIEN_CUDA_CHECK(cudaGetDeviceProperties(&properties, i));
    names.push_back(properties.name);
  }
  return names;
}

}  // namespace mien
