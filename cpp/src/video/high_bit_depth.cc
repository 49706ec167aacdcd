#include "video/high_bit_depth.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "runtime/simd.h"

namespace mien {

static_assert(std::endian::native == std::endian::little);

namespace {

MIEN_ALWAYS_INLINE std::uint32_t load_word(const std::uint8_t* p) {
  std::uint16_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

MIEN_ALWAYS_INLINE void round_row_body(const std::uint8_t* __restrict in, std::ptrdiff_t step,
                                       int n, int shift, int depth, std::uint8_t* __restrict out) {
  const std::uint32_t mask = (1u << depth) - 1;
  const std::uint32_t half = 1u << (depth - 9);
  const int down = depth - 8;
  if (step == 2) {
    for (int i = 0; i < n; ++i) {
      const std::uint32_t v = (load_word(in + 2 * i) >> shift) & mask;
      out[i] = static_cast<std::uint8_t>(std::min((v + half) >> down, 255u));
    }
    return;
  }
  for (int i = 0; i < n; ++i) {
    const std::uint32_t v = (load_word(in + i * step) >> shift) & mask;
    out[i] = static_cast<std::uint8_t>(std::min((v + half) >> down, 255u));
  }
}

MIEN_MULTIVERSION(round_row,
                  (const std::uint8_t* __restrict in, std::ptrdiff_t step, int n, int shift,
                   int depth, std::uint8_t* __restrict out),
                  (in, step, n, shift, depth, out))

}  // namespace

void round_to_8_bits(const HighBitDepthPlane& plane, int width, int height, std::uint8_t* out) {
  for (int y = 0; y < height; ++y) {
    round_row(plane.data + y * plane.row_stride, plane.pixel_stride, width, plane.shift,
              plane.depth, out);
    out += width;
  }
}

}  // namespace mien
