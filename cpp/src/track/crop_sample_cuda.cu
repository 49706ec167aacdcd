#include "cuda/frames.h"
#include "cuda/launch.h"
#include "track/crop_sample_cuda.h"

namespace mien {
namespace {

constexpr int kSamples = kSampleSide * kSampleSide;

// One block per crop, one thread per sample.
__global__ void sample_kernel(const float* crops, int size, float* samples) {
  const int i = static_cast<int>(threadIdx.x);
  const std::size_t plane = static_cast<std::size_t>(size) * size;
  const float* channel = crops + std::size_t{blockIdx.x} * 3 * plane;
  const int row = sample_position(i / kSampleSide, size);
  const int column = sample_position(i % kSampleSide, size);
  samples[std::size_t{blockIdx.x} * kSamples + i] = channel[row * size + column];
}

}  // namespace

void sample_crops_cuda(const DeviceFrames& frames, const float* crops, std::size_t count, int size,
                       float* samples) {
  if (count == 0) return;
  MIEN_CUDA_LAUNCH(sample_kernel, dim3(static_cast<unsigned>(count)), dim3(kSamples),
                   frames.impl().stream().get(), crops, size, samples);
}

}  // namespace mien
