#include "video/orientation.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "image/pixels.h"

namespace mien {
namespace {

constexpr std::int32_t kOne = 1 << 16;

std::optional<Orientation> parse(double a, double b, double c, double d) {
  const auto fixed = [](double v) { return static_cast<std::int32_t>(v * kOne); };
  const std::array<std::int32_t, 9> matrix{fixed(a), fixed(b), 0, fixed(c), fixed(d),
                                           0,        0,        0, 1 << 30};
  return orientation_from_matrix(matrix.data());
}

struct Image {
  std::vector<std::uint8_t> bytes;
  FrameView view;
};

Image random_yuv(int width, int height, int shift_x, int shift_y) {
  Image p;
  const int chroma_width = (width + (1 << shift_x) - 1) >> shift_x;
  const int chroma_height = (height + (1 << shift_y) - 1) >> shift_y;
  const int luma = width * height;
  const int chroma = chroma_width * chroma_height;
  p.bytes.resize(static_cast<std::size_t>(luma + 2 * chroma));
  std::mt19937 random(7);
  for (auto& b : p.bytes) b = static_cast<std::uint8_t>(random());
  p.view.width = width;
  p.view.height = height;
  p.view.model = ColorModel::kYuv;
  p.view.chroma_shift_x = shift_x;
  p.view.chroma_shift_y = shift_y;
  p.view.planes[0] = {p.bytes.data(), width, 1};
  p.view.planes[1] = {p.bytes.data() + luma, chroma_width, 1};
  p.view.planes[2] = {p.bytes.data() + luma + chroma, chroma_width, 1};
  return p;
}

std::vector<std::uint8_t> rgb_of(const FrameView& view) {
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(view.width * view.height * 3));
  to_rgb24(view, rgb.data());
  return rgb;
}

TEST(OrientationFromMatrix, ReadsTheEightOrientations) {
  EXPECT_TRUE(parse(1, 0, 0, 1)->upright());
  EXPECT_EQ(parse(0, 1, -1, 0)->rotation(), 90);
  EXPECT_EQ(parse(-1, 0, 0, -1)->rotation(), 180);
  EXPECT_EQ(parse(0, -1, 1, 0)->rotation(), 270);
  EXPECT_EQ(parse(-1, 0, 0, 1)->rotation(), 0);    // mirrored
  EXPECT_EQ(parse(1, 0, 0, -1)->rotation(), 180);  // mirrored and turned
  EXPECT_EQ(parse(0, -1, -1, 0)->rotation(), 90);
  EXPECT_EQ(parse(0, 1, 1, 0)->rotation(), 270);
}

TEST(OrientationFromMatrix, IgnoresScaleAndSmallSkew) {
  const auto turned = parse(0.001, 2, -0.5, 0.001);
  ASSERT_TRUE(turned.has_value());
  EXPECT_TRUE(turned->transpose);
  EXPECT_FALSE(turned->flip_x);
  EXPECT_TRUE(turned->flip_y);
}

TEST(OrientationFromMatrix, AnAllZeroMatrixIsUpright) { EXPECT_TRUE(parse(0, 0, 0, 0)->upright()); }

TEST(OrientationFromMatrix, OtherAnglesAndSingularMatricesAreRejected) {
  EXPECT_FALSE(parse(0.7, 0.7, -0.7, 0.7).has_value());
  EXPECT_FALSE(parse(1, 0, 0, 0).has_value());
  EXPECT_FALSE(parse(1, 0.1, -0.1, 1).has_value());
}

struct TurnCase {
  int width, height, shift_x, shift_y;
};

class Turn : public testing::TestWithParam<TurnCase> {};

// The contract of turn(): RGB values of the result are the turned RGB values.
TEST_P(Turn, MovesRgbValuesExactly) {
  const TurnCase c = GetParam();
  const Image in = random_yuv(c.width, c.height, c.shift_x, c.shift_y);
  const auto stored = rgb_of(in.view);
  for (int bits = 0; bits < 8; ++bits) {
    const Orientation o{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
    std::vector<std::uint8_t> out(turned_size(in.view, o));
    const FrameView shown = turn(in.view, o, out.data());
    ASSERT_EQ(shown.width, o.transpose ? c.height : c.width);
    ASSERT_EQ(shown.height, o.transpose ? c.width : c.height);
    const auto rgb = rgb_of(shown);
    for (int y = 0; y < shown.height; ++y) {
      for (int x = 0; x < shown.width; ++x) {
        int u = o.transpose ? y : x;
        int v = o.transpose ? x : y;
        if (o.flip_x) u = c.width - 1 - u;
        if (o.flip_y) v = c.height - 1 - v;
        for (int k = 0; k < 3; ++k) {
          ASSERT_EQ(rgb[static_cast<std::size_t>((y * shown.width + x) * 3 + k)],
                    stored[static_cast<std::size_t>((v * c.width + u) * 3 + k)])
              << "turn " << bits << " at " << x << ", " << y;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, Turn,
                         testing::Values(TurnCase{64, 48, 1, 1}, TurnCase{37, 51, 1, 1},
                                         TurnCase{36, 51, 1, 0}, TurnCase{35, 18, 2, 0},
                                         TurnCase{70, 33, 0, 1}, TurnCase{1, 1, 1, 1},
                                         TurnCase{41, 40, 0, 0}));

TEST(Turn, TakesPackedRgbWithAnyStride) {
  std::vector<std::uint8_t> bytes(5 * 20);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  FrameView view;
  view.width = 6;
  view.height = 5;
  for (int k = 0; k < 3; ++k) view.planes[k] = {bytes.data() + k, 20, 3};
  const Orientation half_turn{false, true, true};
  std::vector<std::uint8_t> out(turned_size(view, half_turn));
  const auto rgb = rgb_of(turn(view, half_turn, out.data()));
  EXPECT_EQ(rgb[0], 4 * 20 + 5 * 3);
  EXPECT_EQ(rgb[2], 4 * 20 + 5 * 3 + 2);
  EXPECT_EQ(rgb[rgb.size() - 3], 0);
}

TEST(Turn, TurningByStridesEqualsTurningByCopy) {
  for (const auto& [width, height] : {std::pair{8, 6}, std::pair{7, 6}, std::pair{8, 5}}) {
    const Image p = random_yuv(width, height, 1, 1);
    for (const bool transpose : {false, true}) {
      for (const bool flip_x : {false, true}) {
        for (const bool flip_y : {false, true}) {
          const Orientation o{transpose, flip_x, flip_y};
          const auto turned = turn_by_strides(p.view, o);
          ASSERT_EQ(turned.has_value(),
                    !(flip_x && width % 2 != 0) && !(flip_y && height % 2 != 0));
          if (!turned) continue;
          std::vector<std::uint8_t> copy(turned_size(p.view, o));
          EXPECT_EQ(rgb_of(*turned), rgb_of(turn(p.view, o, copy.data())));
        }
      }
    }
  }
}

}  // namespace
}  // namespace mien
