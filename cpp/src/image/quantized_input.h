// Network input in bytes (mien/pack.h, QuantizedInput): the values of the network's own
// QuantizeLinear, laid out in blocks.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mien/pack.h"

namespace mien {

// Offset of the red byte of pixel (x, y) in an image of `width` pixels; green and blue follow it.
constexpr std::size_t byte_offset(const QuantizedInput& input, int width, int x, int y) {
  const int block = input.block;
  const int pixels = (y / block * (width / block) + x / block) * block * block;
  return static_cast<std::size_t>(3 * (pixels + y % block * block + x % block));
}

// Converts a square image (3, size, size) to bytes: round(value / scale) + zero_point, half to
// even, clipped to 8 bits. `size` must be a multiple of the block.
void to_bytes(const float* image, int size, const QuantizedInput& input, std::uint8_t* out);

}  // namespace mien
