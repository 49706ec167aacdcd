// The CUDA emulator: the part of the CUDA runtime that the project uses, on the CPU. This is
// <cuda_runtime.h> in a build with MIEN_CUDA=EMULATED. It serves to test kernels and the code
// around them on machines without a GPU, and is not meant to be fast.
//
// It is as strict as possible:
// - device memory is heap memory of exactly the requested size, so that AddressSanitizer finds any
//   access out of bounds; new memory holds 0xFF bytes (NaN as floats);
// - copies fail unless their device side is in device memory and their host side is not;
// - work queued on a stream runs when it is waited for and not before, which reveals a missing wait
//   or a source that is freed too early;
// - a barrier that only some threads of a block reach aborts the program (threads.cc);
// - ThreadSanitizer treats the threads of a block as concurrent (threads.cc).
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <source_location>
#include <tuple>
#include <type_traits>
#include <utility>

// 1. The language -------------------------------------------------------------------------------
#define __host__
#define __device__
#define __global__
#define __constant__
#define __grid_constant__
#define __launch_bounds__(...)
// Blocks run one after the other on one CPU thread, so they can share one copy.
#define __shared__ static thread_local

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};
inline thread_local uint3 threadIdx{};
inline thread_local uint3 blockIdx{};
inline thread_local dim3 blockDim{};
inline thread_local dim3 gridDim{};

void __syncthreads(std::source_location where = std::source_location::current());

template <typename T>
T atomicAdd(T* at, std::type_identity_t<T> value) {
  return std::atomic_ref<T>(*at).fetch_add(value, std::memory_order_relaxed);
}
template <typename T>
T atomicMax(T* at, std::type_identity_t<T> value) {
  const std::atomic_ref<T> there(*at);
  T before = there.load(std::memory_order_relaxed);
  while (value > before && !there.compare_exchange_weak(before, value, std::memory_order_relaxed)) {
  }
  return before;
}

// 2. Status codes -------------------------------------------------------------------------------
enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorInvalidDevice = 101,
};
const char* cudaGetErrorName(cudaError_t status);
const char* cudaGetErrorString(cudaError_t status);
cudaError_t cudaGetLastError();

// 3. The device ---------------------------------------------------------------------------------
struct cudaDeviceProp {
  char name[256];
};
cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaGetDevice(int* device);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaDeviceSynchronize();

// 4. Streams and events -------------------------------------------------------------------------
using cudaStream_t = struct CUstream_st*;
using cudaEvent_t = struct CUevent_st*;
inline constexpr cudaStream_t cudaStreamLegacy = nullptr;
inline constexpr cudaStream_t cudaStreamPerThread = nullptr;
inline constexpr unsigned cudaStreamNonBlocking = 1;
inline constexpr unsigned cudaEventDisableTiming = 2;
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags = 0);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream = nullptr);
cudaError_t cudaEventSynchronize(cudaEvent_t event);

// 5. Memory -------------------------------------------------------------------------------------
enum cudaMemcpyKind {
  cudaMemcpyHostToHost = 0,
  cudaMemcpyHostToDevice = 1,
  cudaMemcpyDeviceToHost = 2,
  cudaMemcpyDeviceToDevice = 3,
  cudaMemcpyDefault = 4,  // by the kinds of the pointers
};
enum cudaMemoryType {
  cudaMemoryTypeUnregistered = 0,
  cudaMemoryTypeHost = 1,
  cudaMemoryTypeDevice = 2,
};
struct cudaPointerAttributes {
  cudaMemoryType type;
  int device;
  void* devicePointer;
  void* hostPointer;
};
cudaError_t cudaMalloc(void** data, std::size_t bytes);
template <typename T>
cudaError_t cudaMalloc(T** data, std::size_t bytes) {
  void* untyped = nullptr;
  const cudaError_t status = cudaMalloc(&untyped, bytes);
  *data = static_cast<T*>(untyped);
  return status;
}
cudaError_t cudaFree(void* data);
cudaError_t cudaMallocHost(void** data, std::size_t bytes);
cudaError_t cudaFreeHost(void* data);
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream = nullptr);
cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from,
                              std::size_t from_pitch, std::size_t row_bytes, std::size_t rows,
                              cudaMemcpyKind kind, cudaStream_t stream = nullptr);
cudaError_t cudaMemset(void* to, int value, std::size_t bytes);
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream = nullptr);
cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* data);

// 6. Launches (cuda/launch.h) -------------------------------------------------------------------
namespace mien::cuda::emulator {

// Runs the kernel for every thread of the grid before it returns.
void run_grid(dim3 grid, dim3 block, const std::function<void()>& kernel);
bool is_launchable(dim3 grid, dim3 block);
// Queues work; without a stream, runs it at once.
void enqueue(cudaStream_t stream, std::function<void()> work);

template <typename... Parameters, typename... Arguments>
cudaError_t launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, cudaStream_t stream,
                   Arguments&&... arguments) {
  static_assert((sizeof(Parameters) + ... + 0) <= 4096, "kernel arguments: 4 KiB at most");
  static_assert((std::is_trivially_copyable_v<Parameters> && ...), "kernel arguments are copied");
  if (!is_launchable(grid, block)) return cudaErrorInvalidConfiguration;
  enqueue(stream, [kernel, grid, block,
                   values = std::tuple<Parameters...>(std::forward<Arguments>(arguments)...)] {
    run_grid(grid, block, [&] { std::apply(kernel, values); });
  });
  return cudaSuccess;
}

}  // namespace mien::cuda::emulator
