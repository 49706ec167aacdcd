// Functions that kernels share with the CPU's code, so that both do the same arithmetic.
#pragma once

#include <cmath>

#ifdef __CUDACC__
#define MIEN_HOST_DEVICE __host__ __device__
#else
#define MIEN_HOST_DEVICE
#endif

namespace mien {

// exp as the host's library rounds it: a device's own float exp is a little less exact.
MIEN_HOST_DEVICE inline float exp_float(float x) {
#ifdef __CUDA_ARCH__
  return static_cast<float>(exp(static_cast<double>(x)));
#else
  return std::exp(x);
#endif
}

}  // namespace mien
