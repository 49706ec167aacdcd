// RAII handles of CUDA streams and events. For .cu files only.
#pragma once

#include <cuda_runtime.h>

#include "cuda/check.h"

namespace mien::cuda {

class Event {
 public:
  Event() { MIEN_CUDA_CHECK(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming)); }
  ~Event() { cudaEventDestroy(event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  cudaEvent_t get() const { return event_; }

 private:
  cudaEvent_t event_ = nullptr;
};

// Work queued on `later` from now on waits for the work queued on `earlier` so far.
inline void order(cudaStream_t earlier, cudaStream_t later) {
  const Event event;  // CUDA keeps it until it is no longer needed
  MIEN_CUDA_CHECK(cudaEventRecord(event.get(), earlier));
  MIEN_CUDA_CHECK(cudaStreamWaitEvent(later, event.get(), 0));
}

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
