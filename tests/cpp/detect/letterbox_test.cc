#include "detect/letterbox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "../image/images.h"
#include "image/pixels.h"
#include "image/square_pixels.h"

namespace mien {
namespace {

using test::Image;
using test::IsaLimit;

const Normalization kNormalization{{123.675f, 116.28f, 103.53f}, {58.395f, 57.12f, 57.375f}};
constexpr float kBorder = 114;

std::vector<float> run(const FrameView& frame, const LetterboxPlan& plan) {
  std::vector<float> out(static_cast<std::size_t>(3 * plan.width * plan.height), -1e30f);
  letterbox(frame, plan, kNormalization, kBorder, out.data());
  return out;
}

// Reference in double precision for one pixel, in grey levels.
double reference(const std::vector<std::uint8_t>& rgb, const FrameView& f,
                 const LetterboxPlan& plan, int c, int x, int y) {
  if (x >= plan.content_width || y >= plan.content_height) return kBorder;
  const double sx = (x + 0.5) * f.width / plan.content_width - 0.5;
  const double sy = (y + 0.5) * f.height / plan.content_height - 0.5;
  const auto at = [&](double px, double py) {
    const int ix = std::clamp(static_cast<int>(px), 0, f.width - 1);
    const int iy = std::clamp(static_cast<int>(py), 0, f.height - 1);
    return double(rgb[static_cast<std::size_t>((iy * f.width + ix) * 3 + c)]);
  };
  const double x0 = std::floor(sx);
  const double y0 = std::floor(sy);
  const double wx = sx - x0;
  const double wy = sy - y0;
  return (1 - wy) * ((1 - wx) * at(x0, y0) + wx * at(x0 + 1, y0)) +
         wy * ((1 - wx) * at(x0, y0 + 1) + wx * at(x0 + 1, y0 + 1));
}

struct Case {
  int width, height, max_side, multiple;
};

class Letterbox : public testing::TestWithParam<Case> {};

TEST_P(Letterbox, EqualsTheBilinearReferenceInEveryLayout) {
  const Case c = GetParam();
  const LetterboxPlan plan = plan_letterbox(c.width, c.height, c.max_side, c.multiple);
  for (const Image& p : test::all_layouts(c.width, c.height)) {
    std::vector<std::uint8_t> rgb(static_cast<std::size_t>(c.width * c.height * 3));
    to_rgb24(p.view, rgb.data());
    const std::vector<float> got = run(p.view, plan);
    for (std::size_t i = 0; i < got.size(); ++i) {
      const int x = static_cast<int>(i) % plan.width;
      const int y = static_cast<int>(i) / plan.width % plan.height;
      const std::size_t channel = i / static_cast<std::size_t>(plan.width * plan.height);
      const double level = got[i] * kNormalization.std[channel] + kNormalization.mean[channel];
      ASSERT_NEAR(level, reference(rgb, p.view, plan, static_cast<int>(channel), x, y), 1e-3)
          << p.name << " channel " << channel << " at " << x << ", " << y;
    }
  }
}

TEST_P(Letterbox, EveryInstructionSetGivesTheSameBits) {
  const Case c = GetParam();
  const LetterboxPlan plan = plan_letterbox(c.width, c.height, c.max_side, c.multiple);
  for (const Image& p : test::all_layouts(c.width, c.height)) {
    std::vector<float> wanted;
    for (const Isa isa : test::kIsas) {
      const IsaLimit limit(isa);
      if (!limit.is_there()) continue;
      const std::vector<float> got = run(p.view, plan);
      if (wanted.empty()) wanted = got;
      EXPECT_EQ(got, wanted) << p.name << " " << isa_name(isa);
    }
  }
}

// Planar RGB takes the general path for any size, interleaved pixels take the fast path where it
// applies.
TEST_P(Letterbox, AFrameAndItsRgbArraysGiveTheSameBits) {
  const Case c = GetParam();
  const LetterboxPlan plan = plan_letterbox(c.width, c.height, c.max_side, c.multiple);
  const std::size_t pixels = static_cast<std::size_t>(c.width * c.height);
  for (const Image& p : test::all_layouts(c.width, c.height)) {
    std::vector<std::uint8_t> rgb(3 * pixels), planes(3 * pixels);
    to_rgb24(p.view, rgb.data());
    for (std::size_t i = 0; i < rgb.size(); ++i) planes[i % 3 * pixels + i / 3] = rgb[i];
    FrameView array, planar;
    array.width = planar.width = c.width;
    array.height = planar.height = c.height;
    for (std::size_t i = 0; i < 3; ++i) {
      array.planes[i] = {rgb.data() + i, 3 * c.width, 3};
      planar.planes[i] = {planes.data() + i * pixels, c.width, 1};
    }
    const std::vector<float> got = run(p.view, plan);
    EXPECT_EQ(got, run(array, plan)) << p.name;
    EXPECT_EQ(got, run(planar, plan)) << p.name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, Letterbox,
    testing::Values(Case{64, 36, 32, 32},    // exactly halved
                    Case{128, 72, 32, 32},   // every fourth
                    Case{192, 108, 32, 32},  // every sixth
                    Case{256, 64, 32, 32},   // every eighth
                    Case{340, 20, 170, 32},  // halved, several iterations of the loops
                    Case{40, 680, 170, 32},  // upright
                    Case{680, 40, 170, 32}, Case{64, 37, 32, 32},  // one side halved
                    Case{65, 37, 32, 32},                          // odd
                    Case{30, 50, 64, 32},                          // enlarged
                    Case{96, 33, 32, 16},                          // every third
                    Case{200, 3, 64, 32},                          // one row remains
                    Case{1, 1, 32, 32},                            // one pixel
                    Case{47, 47, 47, 1}));                         // unchanged

// A frame with sides in square pixels as the plan's: the letterbox stretches it.
TEST(LetterboxSar, EqualsTheBilinearReferenceOfTheStretchedFrame) {
  for (const double sar : {4.0 / 3, 0.7}) {
    for (Image& p : test::all_layouts(90, 68)) {
      p.view.sar = sar;
      const ImageSize shown = shown_size(p.view);
      const LetterboxPlan plan = plan_letterbox(shown.width, shown.height, 64, 32);
      EXPECT_EQ(plan.scale_x, static_cast<float>(shown.width) / plan.content_width);
      EXPECT_EQ(plan.scale_y, static_cast<float>(shown.height) / plan.content_height);
      std::vector<std::uint8_t> rgb(90 * 68 * 3);
      to_rgb24(p.view, rgb.data());
      const std::vector<float> got = run(p.view, plan);
      const auto plane = static_cast<std::size_t>(plan.width) * plan.height;
      for (int y = 0; y < plan.content_height; ++y) {
        for (int x = 0; x < plan.content_width; ++x) {
          const float value = got[plane + static_cast<std::size_t>(y * plan.width + x)];
          ASSERT_NEAR(value * kNormalization.std[1] + kNormalization.mean[1],
                      reference(rgb, p.view, plan, 1, x, y), 1e-3)
              << p.name << " at " << x << ", " << y;
        }
      }
    }
  }
}

TEST(LetterboxPlanTest, KeepsTheAspectAndRoundsTheInputUp) {
  const LetterboxPlan plan = plan_letterbox(640, 360, 320, 32);
  EXPECT_EQ(plan.content_width, 320);
  EXPECT_EQ(plan.content_height, 180);
  EXPECT_EQ(plan.width, 320);
  EXPECT_EQ(plan.height, 192);
  EXPECT_EQ(plan.scale_x, 2);
  EXPECT_EQ(plan.scale_y, 2);
}

TEST(LetterboxPlanTest, AVeryNarrowFrameKeepsOnePixel) {
  const LetterboxPlan plan = plan_letterbox(20000, 3, 320, 32);
  EXPECT_EQ(plan.content_width, 320);
  EXPECT_EQ(plan.content_height, 1);
  EXPECT_EQ(plan.height, 32);
  EXPECT_EQ(plan.scale_y, 3);
}

}  // namespace
}  // namespace mien
