// Owned memory of the device. Shrinking never reallocates. For .cu files alone.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <type_traits>

#include "cuda/check.h"

namespace mien::cuda {

template <typename T>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  DeviceBuffer() = default;
  ~DeviceBuffer() { cudaFree(data_); }
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;

  // Contents are not kept. Waits for the device when it has to grow.
  void resize(std::size_t size) {
    if (size > capacity_) {
      MIEN_CUDA_CHECK(cudaFree(data_));
      data_ = nullptr;
      capacity_ = 0;
      MIEN_CUDA_CHECK(cudaMalloc(&data_, size * sizeof(T)));
      capacity_ = size;
    }
    size_ = size;
  }

  // Copies `size` values from the host, in stream order; `from` must stay until the stream got
  // there.
  void upload(const T* from, std::size_t size, cudaStream_t stream) {
    resize(size);
    MIEN_CUDA_CHECK(cudaMemcpyAsync(data_, from, size * sizeof(T), cudaMemcpyHostToDevice, stream));
  }
  // Copies everything to the host, in stream order.
  void download(T* to, cudaStream_t stream) const {
    MIEN_CUDA_CHECK(cudaMemcpyAsync(to, data_, size_ * sizeof(T), cudaMemcpyDeviceToHost, stream));
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace mien::cuda
