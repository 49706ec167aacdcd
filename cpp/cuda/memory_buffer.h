// Owned memory of CUDA, device memory or pinned host memory. Shrinking never reallocates. For .cu
// files only.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <type_traits>

#include "cuda/check.h"

namespace mien::cuda {

// `Memory` has static functions allocate(void**, bytes) and release(void*), which return CUDA's
// status.
template <typename T, typename Memory>
class MemoryBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  MemoryBuffer() = default;
  ~MemoryBuffer() { Memory::release(data_); }
  MemoryBuffer(const MemoryBuffer&) = delete;
  MemoryBuffer& operator=(const MemoryBuffer&) = delete;

  // Contents are not kept. No copy from or to the buffer may be pending.
  void resize(std::size_t size) {
    if (size > capacity_) {
      MIEN_CUDA_CHECK(Memory::release(data_));
      data_ = nullptr;
      capacity_ = 0;
      void* data = nullptr;
      MIEN_CUDA_CHECK(Memory::allocate(&data, size * sizeof(T)));
      data_ = static_cast<T*>(data);
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
