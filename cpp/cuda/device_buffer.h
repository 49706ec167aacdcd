// Owned memory of the device. For .cu files alone.
#pragma once

#include "cuda/memory_buffer.h"

namespace mien::cuda {

struct DeviceMemory {
  static cudaError_t allocate(void** data, std::size_t bytes) { return cudaMalloc(data, bytes); }
  static cudaError_t release(void* data) { return cudaFree(data); }
};

// Waits for the device when it has to grow.
template <typename T>
class DeviceBuffer : public MemoryBuffer<T, DeviceMemory> {
 public:
  // Copies `size` values from the host, in stream order; `from` must stay until the stream got
  // there.
  void upload(const T* from, std::size_t size, cudaStream_t stream) {
    this->resize(size);
    MIEN_CUDA_CHECK(
        cudaMemcpyAsync(this->data(), from, size * sizeof(T), cudaMemcpyHostToDevice, stream));
  }
  // Copies the first `count` values to the host, in stream order.
  void download(T* to, std::size_t count, cudaStream_t stream) const {
    MIEN_CUDA_CHECK(
        cudaMemcpyAsync(to, this->data(), count * sizeof(T), cudaMemcpyDeviceToHost, stream));
  }
  // Copies everything.
  void download(T* to, cudaStream_t stream) const { download(to, this->size(), stream); }
};

}  // namespace mien::cuda
