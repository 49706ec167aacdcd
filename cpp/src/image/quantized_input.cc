#include "image/quantized_input.h"

#include <bit>
#include <cstring>

#include "mien/buffer.h"
#include "runtime/simd.h"

namespace mien {
namespace {

// The quantization of a byte: its step, and the lowest and highest steps from the zero point.
struct Steps {
  float scale, least, most;
  std::int32_t zero_point;
};

// Adding 1.5 * 2^23 leaves the nearest integer in the low bits.
MIEN_ALWAYS_INLINE std::uint32_t to_byte(float value, const Steps& s) {
  constexpr float kWhole = 0x1.8p23f;
  float steps = value / s.scale;
  steps = steps < s.least ? s.least : steps;
  steps = steps > s.most ? s.most : steps;
  const std::int32_t rounded =
      std::bit_cast<std::int32_t>(steps + kWhole) - std::bit_cast<std::int32_t>(kWhole);
  return static_cast<std::uint32_t>(rounded + s.zero_point);
}

// Red in the lowest byte, then green, then blue.
MIEN_ALWAYS_INLINE void pack_row_body(const float* __restrict red, const float* __restrict green,
                                      const float* __restrict blue, int n, const Steps& s,
                                      std::uint32_t* __restrict out) {
  for (int i = 0; i < n; ++i) {
    out[i] = to_byte(red[i], s) | to_byte(green[i], s) << 8 | to_byte(blue[i], s) << 16;
  }
}

MIEN_MULTIVERSION(pack_row,
                  (const float* __restrict red, const float* __restrict green,
                   const float* __restrict blue, int n, const Steps& s,
                   std::uint32_t* __restrict out),
                  (red, green, blue, n, s, out))

// Writes the pixels of a row into the blocks that it crosses.
void spread_row(const std::uint32_t* pixels, int size, int block, std::uint8_t* out) {
  for (int x = 0; x < size; x += block, pixels += block, out += 3 * block * block) {
    int i = 0;
    for (; i + 1 < block; i += 2) {  // two pixels at a time
      const std::uint64_t two = pixels[i] | static_cast<std::uint64_t>(pixels[i + 1]) << 24;
      std::memcpy(out + 3 * i, &two, 6);
    }
    if (i < block) std::memcpy(out + 3 * i, pixels + i, 3);
  }
}

}  // namespace

void to_bytes(const float* image, int size, const QuantizedInput& input, std::uint8_t* out) {
  thread_local Buffer<std::uint32_t> pixels;
  const std::size_t side = static_cast<std::size_t>(size);
  pixels.resize(side);
  const float zero = static_cast<float>(input.zero_point);
  const Steps steps{input.scale, -zero, 255 - zero, input.zero_point};
  for (int y = 0; y < size; ++y, image += side) {
    pack_row(image, image + side * side, image + 2 * side * side, size, steps, pixels.data());
    spread_row(pixels.data(), size, input.block, out + byte_offset(input, size, 0, y));
  }
}

}  // namespace mien
