// Owned device memory. For .cu files only.
#pragma once

#include "cuda/memory_buffer.h"

namespace mien::cuda {

struct DeviceMemory {
  static cudaError_t allocate(void** data, std::size_t bytes) { return cudaMalloc(data, bytes); }
  static cudaError_t release(void* data) { return cudaFree(data); }
};

// Growing waits for the device.
template <typename T>
class DeviceBuffer : public MemoryBuffer<T, DeviceMemory> {
 public:
  // Queues a copy of `size` values from host memory; `from` must stay valid until it is done.
  void upload(const T* from, std::size_t size, cudaStream_t stream) {
    this->resize(size);
    MIEN_CUDA_CHECK(
        cudaMemcpyAsync(this->data(), from, size * sizeof(T), cudaMemcpyHostToDevice, stream));
  }
  // Queues a copy of the first `count` values to host memory.
  void download(T* to, std::size_t count, cudaStream_t stream) const {
    MIEN_CUDA_CHECK(
        cudaMemcpyAsync(to, this->data(), count * sizeof(T), cudaMemcpyDeviceToHost, stream));
  }
  // Queues a copy of all values to host memory.
  void download(T* to, cudaStream_t stream) const { download(to, this->size(), stream); }
};

}  // namespace mien::cuda
