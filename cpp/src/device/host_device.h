// For functions that kernels share with CPU code, so that both do the same arithmetic.
#pragma once

#include <cmath>

#ifdef __CUDACC__
#define MIEN_HOST_DEVICE __host__ __device__
#else
#define MIEN_HOST_DEVICE
#endif

namespace mien {

// exp, rounded as in the CPU's library: the device's own float exp is slightly less exact.
MIEN_HOST_DEVICE inline float exp_float(float x) {
#ifdef __CUDA_ARCH__
  return static_cast<float>(exp(static_cast<double>(x)));
#else
  return std::exp(x);
#endif
}

}  // namespace mien
