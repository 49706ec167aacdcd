// Turns the CUDA runtime's status codes into ProviderErrors. For .cu files only.
#pragma once

#include <cuda_runtime.h>

#include <string>

#include "mien/error.h"

namespace mien::cuda {

inline void check(cudaError_t status, const char* call, const char* file, int line) {
  if (status == cudaSuccess) return;
  throw ProviderError(std::string("CUDA: ") + call + " failed at " + file + ":" +
                      std::to_string(line) + ": " + cudaGetErrorName(status) + ", " +
                      cudaGetErrorString(status));
}

}  // namespace mien::cuda

#define MIEN_CUDA_CHECK(call) ::mien::cuda::check((call), #call, __FILE__, __LINE__)
