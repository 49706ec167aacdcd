// Launches kernels, on a device or, in a build with MIEN_CUDA=EMULATED, in the emulator. For .cu
// files only.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>

#include "cuda/check.h"

namespace mien::cuda {

// Number of blocks of `block` threads that cover `size`.
inline unsigned blocks(std::size_t size, unsigned block) {
  return static_cast<unsigned>((size + block - 1) / block);
}

// A grid that covers an image, with `layers` layers.
inline dim3 image_grid(int width, int height, std::size_t layers, dim3 block) {
  return dim3(blocks(static_cast<std::size_t>(width), block.x),
              blocks(static_cast<std::size_t>(height), block.y), static_cast<unsigned>(layers));
}

}  // namespace mien::cuda

// MIEN_CUDA_LAUNCH(kernel, grid, block, stream, arguments...) queues the kernel. Arguments are
// passed by value (4 KiB at most); shared memory is what the kernel declares.
#ifdef MIEN_CUDA_EMULATED
namespace mien::cuda {
inline constexpr bool kIsEmulated = true;
}
#define MIEN_CUDA_LAUNCH(kernel, grid, block, stream, ...)                                      \
  ::mien::cuda::check(::mien::cuda::emulator::launch(kernel, grid, block, stream, __VA_ARGS__), \
                      "launch of " #kernel, __FILE__, __LINE__)
#else
namespace mien::cuda {
inline constexpr bool kIsEmulated = false;
}
#define MIEN_CUDA_LAUNCH(kernel, grid, block, stream, ...)                             \
  do {                                                                                 \
    kernel<<<grid, block, 0, stream>>>(__VA_ARGS__);                                   \
    ::mien::cuda::check(cudaGetLastError(), "launch of " #kernel, __FILE__, __LINE__); \
  } while (false)
#endif
