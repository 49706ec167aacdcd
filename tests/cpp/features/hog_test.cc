#include "features/hog.h"

#include <gtest/gtest.h>

#include <cmath>

#include "../image/images.h"
#include "mien/error.h"

namespace mien {
namespace {

using test::Image;

// A full-range grey image whose samples are a function of x and y.
template <typename F>
Image grey(int width, int height, F value) {
  Image p;
  p.name = "grey";
  p.bytes.emplace_back();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      p.bytes[0].push_back(static_cast<std::uint8_t>(value(x, y)));
    }
  }
  p.view.width = width;
  p.view.height = height;
  p.view.model = ColorModel::kGray;
  p.view.full_range = true;
  p.view.planes[0] = {p.bytes[0].data(), width, 1};
  return p;
}

TEST(Hog, HasABlockForEachStepOfACell) {
  const Image p = grey(50, 33, [](int x, int y) { return x + y; });
  const HogGrid grid = hog_grid(p.view, {});
  EXPECT_EQ(grid.blocks_x, 5);  // 6 whole cells
  EXPECT_EQ(grid.blocks_y, 3);
  EXPECT_EQ(hog(p.view, {}).size(), 5u * 3 * 2 * 2 * 8);
}

TEST(Hog, OfAFlatImageIsZero) {
  const Image p = grey(16, 16, [](int, int) { return 77; });
  for (const float v : hog(p.view, {})) EXPECT_EQ(v, 0);
}

// Edge directions and the bin of 22.5 degrees that each belongs to.
TEST(Hog, PutsEachDirectionIntoItsBin) {
  struct Case {
    int dx, dy;
    std::size_t bin;
  };
  for (const Case c : {Case{2, 0, 0}, Case{-2, 0, 0}, Case{1, 1, 2}, Case{-1, -1, 2}, Case{0, 2, 4},
                       Case{0, -2, 4}, Case{-1, 1, 6}, Case{1, -1, 6}, Case{-2, -1, 1}}) {
    const Image p = grey(32, 32, [&](int x, int y) { return 128 + c.dx * x + c.dy * y; });
    const std::vector<float> features = hog(p.view, {});
    const std::size_t middle = (1 * 3 + 1) * 4 * 8;  // block (1, 1) of 3x3: no border in it
    for (std::size_t i = 0; i < 32; ++i) {
      // Four equal cells: 0.5 each, clipped to 0.2, back to unit length.
      EXPECT_NEAR(features[middle + i], i % 8 == c.bin ? 0.5 : 0, 1e-5)
          << c.dx << ", " << c.dy << ": " << i;
    }
  }
}

TEST(Hog, UsesTheChannelWithTheLargestGradient) {
  std::mt19937 random(1);
  Image p = test::planar_image(ColorModel::kRgb, 24, 24, 0, 0, 3, random);
  Image one = grey(24, 24, [&](int x, int y) { return p.bytes[1][std::size_t(y * 27 + x)]; });
  const std::vector<float> mixed = hog(p.view, {});
  EXPECT_NE(mixed, hog(one.view, {}));
  for (const std::size_t i : {std::size_t{0}, std::size_t{2}}) {
    for (std::uint8_t& b : p.bytes[i]) b = 9;
  }
  EXPECT_EQ(hog(p.view, {}), hog(one.view, {}));
}

TEST(Hog, BlocksHaveUnitLength) {
  std::mt19937 random(2);
  const Image p = test::planar_image(ColorModel::kRgb, 40, 40, 0, 0, 0, random);
  const std::vector<float> features = hog(p.view, {9, 5, 3});
  const std::size_t size = 3 * 3 * 9;
  ASSERT_EQ(features.size(), 6 * 6 * size);
  for (std::size_t block = 0; block < 36; ++block) {
    double squared = 0;
    for (std::size_t i = 0; i < size; ++i) squared += std::pow(features[block * size + i], 2);
    EXPECT_NEAR(squared, 1, 1e-5);
  }
}

TEST(Hog, ErrorsNameWhatWasWanted) {
  const Image p = grey(15, 40, [](int, int) { return 0; });
  EXPECT_THROW(hog(p.view, {}), InputError);
  EXPECT_THROW(hog(p.view, {0, 8, 2}), OptionError);
  EXPECT_THROW(hog(p.view, {8, 0, 2}), OptionError);
  EXPECT_THROW(hog(p.view, {8, 8, 0}), OptionError);
}

}  // namespace
}  // namespace mien
