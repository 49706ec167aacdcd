// Owned pinned host memory, from and to which the device copies asynchronously. For .cu files only.
#pragma once

#include "cuda/memory_buffer.h"

namespace mien::cuda {

struct PinnedMemory {
  static cudaError_t allocate(void** data, std::size_t bytes) {
    return cudaMallocHost(data, bytes);
  }
  static cudaError_t release(void* data) { return cudaFreeHost(data); }
};

template <typename T>
using PinnedBuffer = MemoryBuffer<T, PinnedMemory>;

}  // namespace mien::cuda
