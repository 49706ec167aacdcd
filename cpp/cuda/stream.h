// A CUDA stream that its owner destroys. For .cu files alone.
#pragma once

#include <cuda_runtime.h>

#include "cuda/check.h"

namespace mien::cuda {

class Stream {
 public:
  Stream() { MIEN_CUDA_CHECK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }
  ~Stream() { cudaStreamDestroy(stream_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  cudaStream_t get() const { return stream_; }
  void synchronize() const { MIEN_CUDA_CHECK(cudaStreamSynchronize(stream_)); }

 private:
  cudaStream_t stream_ = nullptr;
};

}  // namespace mien::cuda
