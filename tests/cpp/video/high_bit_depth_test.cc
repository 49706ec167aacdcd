// Rounding of samples of more than 8 bits.
#include "video/high_bit_depth.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "runtime/simd.h"

namespace mien {
namespace {

TEST(HighBitDepth, RoundsEveryValueOnEveryInstructionSet) {
  const Isa best = active_isa();
  for (const Isa isa : {Isa::kBaseline, Isa::kAvx2, Isa::kAvx512}) {
    limit_isa(isa);
    for (const int depth : {9, 10, 12, 14, 16}) {
      for (const int shift : {0, 16 - depth}) {
        const int count = 1 << depth;
        std::vector<std::uint16_t> words(static_cast<std::size_t>(count));
        for (int v = 0; v < count; ++v)
          words[static_cast<std::size_t>(v)] = static_cast<std::uint16_t>(v << shift);
        std::vector<std::uint8_t> out(words.size());
        round_to_8_bits(
            {reinterpret_cast<const std::uint8_t*>(words.data()), 2 * count, 2, shift, depth},
            count, 1, out.data());
        for (int v = 0; v < count; ++v) {
          const int wanted = std::min(255, (v + (1 << (depth - 9))) >> (depth - 8));
          ASSERT_EQ(out[static_cast<std::size_t>(v)], wanted) << v << " of " << depth << " bits";
        }
      }
    }
  }
  limit_isa(best);
}

TEST(HighBitDepth, FollowsStrides) {
  // Two rows of interleaved U and V as in P010: 4 bytes apart, upper 10 bits of a word.
  const std::vector<std::uint16_t> words{100 << 6, 4 << 6,    200 << 6, 8 << 6,   0,
                                         300 << 6, 1023 << 6, 400 << 6, 512 << 6, 0};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(words.data());
  std::vector<std::uint8_t> v(4);
  round_to_8_bits({bytes + 2, 10, 4, 6, 10}, 2, 2, v.data());
  EXPECT_EQ(v, (std::vector<std::uint8_t>{1, 2, 255, 128}));
}

}  // namespace
}  // namespace mien
