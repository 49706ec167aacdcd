// RAII handles for the library's objects. Private to infer/.
#pragma once

#include <memory>

#include "infer/ort_abi.h"
#include "infer/runtime_library.h"

namespace mien::ort {

template <auto kRelease>
struct Releaser {
  template <typename T>
  void operator()(T* p) const {
    (runtime().api.*kRelease)(p);
  }
};

template <typename T, auto kRelease>
using Handle = std::unique_ptr<T, Releaser<kRelease>>;

using SessionHandle = Handle<OrtSession, &Api::ReleaseSession>;
using SessionOptionsHandle = Handle<OrtSessionOptions, &Api::ReleaseSessionOptions>;
using ModelMetadataHandle = Handle<OrtModelMetadata, &Api::ReleaseModelMetadata>;
using MemoryInfoHandle = Handle<OrtMemoryInfo, &Api::ReleaseMemoryInfo>;
using AllocatorHandle = Handle<OrtAllocator, &Api::ReleaseAllocator>;
using ValueHandle = Handle<OrtValue, &Api::ReleaseValue>;
using TypeInfoHandle = Handle<OrtTypeInfo, &Api::ReleaseTypeInfo>;
using TensorInfoHandle = Handle<OrtTensorTypeAndShapeInfo, &Api::ReleaseTensorTypeAndShapeInfo>;
using CudaOptionsHandle = Handle<OrtCUDAProviderOptionsV2, &Api::ReleaseCUDAProviderOptions>;
using TensorRtOptionsHandle =
    Handle<OrtTensorRTProviderOptionsV2, &Api::ReleaseTensorRTProviderOptions>;

// For memory of the library's default allocator: names and metadata strings.
struct AllocatorFreer {
  OrtAllocator* allocator = nullptr;
  void operator()(void* p) const { take_message(runtime().api.AllocatorFree(allocator, p)); }
};
template <typename T>
using Allocated = std::unique_ptr<T, AllocatorFreer>;

// Converts to the address of a raw pointer for a call; afterwards the handle owns the result.
template <typename H>
class Receive {
 public:
  explicit Receive(H& handle) : handle_(handle) {}
  ~Receive() { handle_.reset(raw_); }
  Receive(const Receive&) = delete;
  Receive& operator=(const Receive&) = delete;
  operator typename H::pointer*() { return &raw_; }  // NOLINT: implicit by design

 private:
  H& handle_;
  typename H::pointer raw_ = nullptr;
};

}  // namespace mien::ort
