// The CUDA emulator is correct, and as strict as its header says.
#ifdef MIEN_CUDA_EMULATED
#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "cuda/device_buffer.h"
#include "cuda/launch.h"
#include "cuda/stream.h"
#include "device/dispatch.h"

namespace mien::cuda {
namespace {

constexpr unsigned kThreads = 64;

__global__ void count_kernel(int* seen, int width) {
  const int x = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const int y = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
  if (x < width) ++seen[(static_cast<int>(blockIdx.z) * 3 + y) * width + x];
}

// Replaces every value of a block of 64 by the sum of the block.
__global__ void sum_kernel(float* values) {
  __shared__ float sums[kThreads];
  sums[threadIdx.x] = values[blockIdx.x * kThreads + threadIdx.x];
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
  }
  __syncthreads();
  values[blockIdx.x * kThreads + threadIdx.x] = sums[0];
}

// Lacks a barrier between the write and the read.
__global__ void racy_kernel(float* values, unsigned writer) {
  __shared__ float shared;
  if (threadIdx.x == 0) shared = -1;
  __syncthreads();
  if (threadIdx.x == writer) shared = 7;
  values[blockIdx.x * kThreads + threadIdx.x] = shared;
}

__global__ void leaving_kernel() {
  if (threadIdx.x == 5) return;
  __syncthreads();
}

__global__ void diverging_kernel() {
  if (threadIdx.x < 5) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}

template <typename T>
std::vector<T> values_of(const DeviceBuffer<T>& buffer, const Stream& stream) {
  std::vector<T> values(buffer.size());
  buffer.download(values.data(), stream.get());
  stream.synchronize();
  return values;
}

TEST(CudaEmulator, ReportsItself) {
  EXPECT_TRUE(cuda_built());
  EXPECT_TRUE(cuda_is_emulated());
  EXPECT_EQ(cuda_device_names(), (std::vector<std::string>{"emulated (for tests)"}));
}

TEST(CudaEmulator, EveryThreadOfTheGridRunsOnce) {
  const Stream stream;
  DeviceBuffer<int> seen;
  const std::vector<int> zeros(2 * 3 * 7);
  seen.upload(zeros.data(), zeros.size(), stream.get());
  MIEN_CUDA_LAUNCH(count_kernel, dim3(2, 3, 2), dim3(4), stream.get(), seen.data(), 7);
  EXPECT_EQ(values_of(seen, stream), std::vector<int>(2 * 3 * 7, 1));
}

TEST(CudaEmulator, BarriersSynchronizeThreads) {
  const Stream stream;
  std::vector<float> values(3 * kThreads);
  std::iota(values.begin(), values.end(), 0.0f);
  DeviceBuffer<float> on_device;
  on_device.upload(values.data(), values.size(), stream.get());
  MIEN_CUDA_LAUNCH(sum_kernel, 3, kThreads, stream.get(), on_device.data());
  const std::vector<float> got = values_of(on_device, stream);
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i], 2016 + 4096 * static_cast<float>(i / kThreads)) << i;
  }
}

// Gives wrong numbers, whichever thread writes.
void run_racy_kernel() {
  const Stream stream;
  DeviceBuffer<float> values;
  values.resize(2 * kThreads);
  for (const unsigned writer : {0u, 17u, kThreads - 1}) {
    MIEN_CUDA_LAUNCH(racy_kernel, 2, kThreads, stream.get(), values.data(), writer);
    EXPECT_NE(values_of(values, stream), std::vector<float>(2 * kThreads, 7)) << writer;
  }
}

#ifdef __SANITIZE_THREAD__
TEST(CudaEmulatorDeathTest, AMissingBarrierIsDetected) {
  EXPECT_EXIT((run_racy_kernel(), std::exit(0)), testing::ExitedWithCode(66), "data race");
}
#else
TEST(CudaEmulator, AMissingBarrierIsDetected) { run_racy_kernel(); }
#endif

TEST(CudaEmulatorDeathTest, ABarrierThatSomeThreadsDontReachAbortsTheProgram) {
  const auto run = [](void (*kernel)()) {
    const auto body = [kernel] { kernel(); };
    emulator::run_grid(1, kThreads, body);
  };
  EXPECT_DEATH(run(&leaving_kernel), "some threads ended while others wait");
  EXPECT_DEATH(run(&diverging_kernel), "different barriers");
}

TEST(CudaEmulator, LaunchesBeyondADevicesLimitsFail) {
  const Stream stream;
  DeviceBuffer<float> values;
  const auto launch = [&](dim3 grid, dim3 block) {
    MIEN_CUDA_LAUNCH(sum_kernel, grid, block, stream.get(), values.data());
  };
  EXPECT_THROW(launch(0, kThreads), ProviderError);
  EXPECT_THROW(launch(1, 1025), ProviderError);
  EXPECT_THROW(launch(1, dim3(32, 33)), ProviderError);
  EXPECT_THROW(launch(dim3(1, 1, 65536), kThreads), ProviderError);
}

TEST(CudaEmulator, QueuedWorkRunsWhenItIsWaitedFor) {
  const Stream stream;
  const Stream other;
  std::vector<float> from{1, 2, 3};
  std::vector<float> to(3);
  DeviceBuffer<float> on_device;
  on_device.upload(from.data(), from.size(), stream.get());
  on_device.download(to.data(), stream.get());
  from = {4, 5, 6};
  other.synchronize();
  EXPECT_EQ(to, std::vector<float>(3));
  stream.synchronize();
  EXPECT_EQ(to, (std::vector<float>{4, 5, 6}));
}

TEST(CudaEmulator, AStreamWaitsForAnEventOfAnother) {
  const Stream writer;
  const Stream reader;
  const std::vector<float> from{1, 2, 3};
  std::vector<float> to(3);
  DeviceBuffer<float> on_device;
  on_device.upload(from.data(), from.size(), writer.get());
  cudaEvent_t is_written = nullptr;
  ASSERT_EQ(cudaEventCreateWithFlags(&is_written, cudaEventDisableTiming), cudaSuccess);
  ASSERT_EQ(cudaEventRecord(is_written, writer.get()), cudaSuccess);
  ASSERT_EQ(cudaStreamWaitEvent(reader.get(), is_written), cudaSuccess);
  ASSERT_EQ(cudaEventDestroy(is_written), cudaSuccess);
  on_device.download(to.data(), reader.get());
  reader.synchronize();
  EXPECT_EQ(to, from);
}

TEST(CudaEmulator, CopiesDistinguishDeviceAndHostMemory) {
  float host[4] = {};
  float* on_device = nullptr;
  ASSERT_EQ(cudaMalloc(&on_device, sizeof host), cudaSuccess);
  EXPECT_EQ(cudaMemcpy(on_device, host, sizeof host, cudaMemcpyHostToDevice), cudaSuccess);
  EXPECT_NE(cudaMemcpy(on_device, host, sizeof host, cudaMemcpyDeviceToHost), cudaSuccess);
  EXPECT_NE(cudaMemcpy(host, host, sizeof host, cudaMemcpyHostToDevice), cudaSuccess);
  EXPECT_NE(cudaMemcpy(on_device + 1, host, sizeof host, cudaMemcpyHostToDevice), cudaSuccess);
  EXPECT_NE(cudaMemset(host, 0, sizeof host), cudaSuccess);
  cudaPointerAttributes attributes;
  EXPECT_EQ(cudaPointerGetAttributes(&attributes, on_device + 3), cudaSuccess);
  EXPECT_EQ(attributes.type, cudaMemoryTypeDevice);
  EXPECT_EQ(cudaPointerGetAttributes(&attributes, host), cudaSuccess);
  EXPECT_EQ(attributes.type, cudaMemoryTypeUnregistered);
  EXPECT_EQ(cudaFree(on_device), cudaSuccess);
  EXPECT_NE(cudaFree(host), cudaSuccess);
}

TEST(CudaEmulator, NewMemoryHoldsNan) {
  const Stream stream;
  DeviceBuffer<float> values;
  values.resize(3);
  for (const float v : values_of(values, stream)) EXPECT_TRUE(std::isnan(v));
}

}  // namespace
}  // namespace mien::cuda
#endif
