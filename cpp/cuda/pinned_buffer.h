// Owned memory of the host that the device copies from and to by itself. Shrinking never
// reallocates. For .cu files alone.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <type_traits>

#include "cuda/check.h"

namespace mien::cuda {

template <typename T>
class PinnedBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  PinnedBuffer() = default;
  ~PinnedBuffer() { cudaFreeHost(data_); }
  PinnedBuffer(const PinnedBuffer&) = delete;
  PinnedBuffer& operator=(const PinnedBuffer&) = delete;

  // Contents are not kept. No copy from or to it may be under way.
  void resize(std::size_t size) {
    if (size > capacity_) {
      MIEN_CUDA_CHECK(cudaFreeHost(data_));
      data_ = nullptr;
      capacity_ = 0;
      MIEN_CUDA_CHECK(cudaMallocHost(&data_, size * sizeof(T)));
      capacity_ = size;
    }
    size_ = size;
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
