#include <cmath>

#include "cuda/frames.h"
#include "cuda/launch.h"
#include "image/quantized_input.h"
#include "image/quantized_input_cuda.h"

namespace mien {
namespace {

constexpr unsigned kThreads = 128;

// One thread per pixel, one row of blocks per image.
__global__ void to_bytes_kernel(const float* images, int size, QuantizedInput input,
                                std::uint8_t* out) {
  const int pixels = size * size;
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i >= pixels) return;
  const std::size_t image = std::size_t{3} * pixels * blockIdx.y;
  std::uint8_t* const to = out + image + byte_offset(input, size, i % size, i / size);
  const float zero = static_cast<float>(input.zero_point);
  for (int c = 0; c < 3; ++c) {
    const float steps =
        rintf(images[image + static_cast<std::size_t>(c * pixels + i)] / input.scale);
    to[c] = static_cast<std::uint8_t>(fminf(fmaxf(steps + zero, 0.0f), 255.0f));
  }
}

}  // namespace

void to_bytes_cuda(const DeviceFrames& frames, const float* images, std::size_t count, int size,
                   const QuantizedInput& input, std::uint8_t* out) {
  if (count == 0) return;
  const unsigned blocks = cuda::blocks(static_cast<std::size_t>(size * size), kThreads);
  MIEN_CUDA_LAUNCH(to_bytes_kernel, dim3(blocks, static_cast<unsigned>(count)), dim3(kThreads),
                   frames.impl().stream().get(), images, size, input, out);
}

}  // namespace mien
