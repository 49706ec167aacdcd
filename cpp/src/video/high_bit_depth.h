// Samples of more than 8 bits, rounded to 8.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mien {

// A plane of samples of 9 to 16 bits in 16-bit words, little-endian.
struct HighBitDepthPlane {
  const std::uint8_t* data = nullptr;
  std::ptrdiff_t row_stride = 0;    // bytes
  std::ptrdiff_t pixel_stride = 2;  // bytes
  int shift = 0;                    // bits below the sample in its word (6 for P010)
  int depth = 10;                   // bits of the sample, 9-16
};

// out[y * width + x] = min(255, (sample + half) >> (depth - 8)), half = 1 << (depth - 9).
void round_to_8_bits(const HighBitDepthPlane& plane, int width, int height, std::uint8_t* out);

}  // namespace mien
