#include "image/pixels.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "image/yuv.h"
#include "images.h"

namespace mien {
namespace {

using test::Image;
using test::IsaLimit;

std::vector<std::uint8_t> rgb24(const FrameView& frame) {
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(frame.width * frame.height * 3));
  to_rgb24(frame, rgb.data());
  return rgb;
}

class Sizes : public testing::TestWithParam<std::pair<int, int>> {};

TEST_P(Sizes, RgbIsWithinOneLevelOfTheStandardsInEveryLayout) {
  const auto [width, height] = GetParam();
  for (const Isa isa : test::kIsas) {
    const IsaLimit limit(isa);
    if (!limit.is_there()) continue;
    for (const Image& p : test::all_layouts(width, height)) {
      const std::vector<std::uint8_t> rgb = rgb24(p.view);
      for (int i = 0; i < width * height; ++i) {
        const auto exact = test::exact_rgb(p.view, i % width, i / width);
        for (std::size_t c = 0; c < 3; ++c) {
          // Half a level from rounding, a little from the 13-bit coefficients.
          ASSERT_NEAR(rgb[3 * static_cast<std::size_t>(i) + c], std::clamp(exact[c], 0.0, 255.0),
                      p.view.model == ColorModel::kYuv ? 0.54 : 0)
              << p.name << " " << isa_name(isa) << " pixel " << i << " channel " << c;
        }
      }
    }
  }
}

TEST_P(Sizes, EveryInstructionSetGivesTheSameBytes) {
  const auto [width, height] = GetParam();
  for (const Image& p : test::all_layouts(width, height, 2)) {
    std::vector<std::uint8_t> wanted;
    for (const Isa isa : test::kIsas) {
      const IsaLimit limit(isa);
      if (!limit.is_there()) continue;
      const std::vector<std::uint8_t> got = rgb24(p.view);
      if (wanted.empty()) wanted = got;
      EXPECT_EQ(got, wanted) << p.name << " " << isa_name(isa);
    }
  }
}

// The second is wider than a chunk of the conversion, and odd.
INSTANTIATE_TEST_SUITE_P(Pixels, Sizes,
                         testing::Values(std::pair{1, 1}, std::pair{4103, 3}, std::pair{2, 5},
                                         std::pair{37, 23}, std::pair{64, 16}, std::pair{3, 1}));

TEST(Pixels, PartsOfARowEqualTheRow) {
  const int width = 41;
  for (const Image& p : test::all_layouts(width, 6)) {
    std::vector<std::uint8_t> whole(3 * width);
    read_rgb_row(p.view, 5, 0, width, whole.data(), whole.data() + width, whole.data() + 2 * width);
    for (int x0 = 0; x0 <= width; ++x0) {
      for (int x1 = x0; x1 <= width; x1 += 3) {
        const int n = x1 - x0;
        std::vector<std::uint8_t> part(static_cast<std::size_t>(3 * n));
        read_rgb_row(p.view, 5, x0, x1, part.data(), part.data() + n, part.data() + 2 * n);
        for (int c = 0; c < 3; ++c) {
          ASSERT_TRUE(std::equal(part.begin() + c * n, part.begin() + (c + 1) * n,
                                 whole.begin() + c * width + x0))
              << p.name << " " << x0 << "-" << x1;
        }
      }
    }
  }
}

TEST(Pixels, BlackAndWhiteOfEitherRangeAreBlackAndWhite) {
  std::mt19937 random(1);
  for (const bool full : {false, true}) {
    for (const YuvMatrix matrix : {YuvMatrix::kBt601, YuvMatrix::kBt709, YuvMatrix::kBt2020}) {
      Image p = test::planar_image(ColorModel::kYuv, 2, 1, 1, 1, 0, random);
      p.view.matrix = matrix;
      p.view.full_range = full;
      p.bytes[0] = {static_cast<std::uint8_t>(full ? 0 : 16),
                    static_cast<std::uint8_t>(full ? 255 : 235)};
      p.bytes[1][0] = p.bytes[2][0] = 128;
      p.view.planes[0].data = p.bytes[0].data();
      EXPECT_EQ(rgb24(p.view), (std::vector<std::uint8_t>{0, 0, 0, 255, 255, 255}));
    }
  }
}

TEST(FloatYuvTest, SumsEqualThoseOfTheIntegerLevels) {
  for (const YuvMatrix matrix : {YuvMatrix::kBt601, YuvMatrix::kBt709, YuvMatrix::kBt2020}) {
    for (const bool full_range : {false, true}) {
      const YuvCoefficients c = yuv_coefficients(matrix, full_range);
      const FloatYuv f = float_yuv(c);
      for (int u = 0; u < 256; u += 3) {
        for (int v = 0; v < 256; v += 5) {
          const ChromaTerms chroma = chroma_terms(u, v, f);
          const WideRgb other = yuv_to_wide_rgb(v, 255 - u, u, c);
          for (int y = 0; y < 256; ++y) {
            const WideRgb one = yuv_to_wide_rgb(y, u, v, c);
            LevelSums sums;
            sums.add(luma_term(y, f), chroma);
            sums.add(luma_term(v, f), chroma_terms(255 - u, u, f));
            ASSERT_EQ(sums.red(), one.r + other.r) << y << " " << u << " " << v;
            ASSERT_EQ(sums.green(), one.g + other.g) << y << " " << u << " " << v;
            ASSERT_EQ(sums.blue(), one.b + other.b) << y << " " << u << " " << v;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace mien
