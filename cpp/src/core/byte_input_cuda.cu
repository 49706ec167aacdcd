#include <cmath>

#include "core/byte_input.h"
#include "core/byte_input_cuda.h"
#include "cuda/frames.h"
#include "cuda/launch.h"

namespace mien {
namespace {

constexpr unsigned kThreads = 128;

// One thread a pixel, one row of blocks a picture.
__global__ void to_bytes_kernel(const float* pictures, int size, ByteInput input,
                                std::uint8_t* out) {
  const int pixels = size * size;
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i >= pixels) return;
  const std::size_t picture = std::size_t{3} * pixels * blockIdx.y;
  std::uint8_t* const to = out + picture + byte_offset(input, size, i % size, i / size);
  const float zero = static_cast<float>(input.zero_point);
  for (int c = 0; c < 3; ++c) {
    const float steps =
        rintf(pictures[picture + static_cast<std::size_t>(c * pixels + i)] / input.scale);
    to[c] = static_cast<std::uint8_t>(fminf(fmaxf(steps + zero, 0.0f), 255.0f));
  }
}

}  // namespace

void to_bytes_cuda(const DeviceFrames& frames, const float* pictures, std::size_t count, int size,
                   const ByteInput& input, std::uint8_t* out) {
  if (count == 0) return;
  const unsigned blocks = cuda::blocks(static_cast<std::size_t>(size * size), kThreads);
  MIEN_CUDA_LAUNCH(to_bytes_kernel, dim3(blocks, static_cast<unsigned>(count)), dim3(kThreads),
                   frames.impl().stream().get(), pictures, size, input, out);
}

}  // namespace mien
