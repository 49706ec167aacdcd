#include "align/warp.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "../image/images.h"
#include "image/pixels.h"
#include "image/similarity.h"
#include "image/square_pixels.h"

namespace mien {
namespace {

using test::Image;
using test::IsaLimit;

const Normalization kNormalization{{127.5f, 120, 110}, {128, 60, 57.5f}};
constexpr float kBorder = 114;

std::vector<float> run(const FrameView& frame, const Similarity& s, int size) {
  std::vector<float> out(static_cast<std::size_t>(3 * size * size), -1e30f);
  warp(frame, s, size, kNormalization, kBorder, out.data());
  return out;
}

std::vector<std::uint8_t> rgb24(const FrameView& frame) {
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(frame.width * frame.height * 3));
  to_rgb24(frame, rgb.data());
  return rgb;
}

// Reference in double precision for one crop pixel, in grey levels.
double reference(const std::vector<std::uint8_t>& rgb, const FrameView& f, const Similarity& s,
                 std::size_t c, int u, int v) {
  const double a = s.a, b = s.b;
  const double scale2 = a * a + b * b;
  const ImageSize shown = shown_size(f);
  const double shown_x = (a * (u - double(s.tx)) + b * (v - double(s.ty))) / scale2;
  const double shown_y = (a * (v - double(s.ty)) - b * (u - double(s.tx))) / scale2;
  const double x = (shown_x + 0.5) * f.width / shown.width - 0.5;
  const double y = (shown_y + 0.5) * f.height / shown.height - 0.5;
  const double x0 = std::floor(x), y0 = std::floor(y);
  const auto at = [&](double px, double py) {
    if (px < 0 || py < 0 || px > f.width - 1 || py > f.height - 1) return double(kBorder);
    return double(rgb[(static_cast<std::size_t>(py) * static_cast<std::size_t>(f.width) +
                       static_cast<std::size_t>(px)) *
                          3 +
                      c]);
  };
  const double wx = x - x0, wy = y - y0;
  return (1 - wy) * ((1 - wx) * at(x0, y0) + wx * at(x0 + 1, y0)) +
         wy * ((1 - wx) * at(x0, y0 + 1) + wx * at(x0 + 1, y0 + 1));
}

Similarity turned(double scale, double angle, float tx, float ty) {
  return {static_cast<float>(scale * std::cos(angle)), static_cast<float>(scale * std::sin(angle)),
          tx, ty};
}

struct Case {
  const char* name;
  int width, height, size;
  Similarity frame_to_crop;
  double sar = 1;
};

FrameView with_sar(FrameView view, double sar) {
  view.sar = sar;
  return view;
}

class Warp : public testing::TestWithParam<Case> {};

TEST_P(Warp, EqualsTheBilinearReferenceInEveryLayout) {
  const Case c = GetParam();
  for (const Image& p : test::all_layouts(c.width, c.height)) {
    const std::vector<std::uint8_t> rgb = rgb24(p.view);
    const std::vector<float> got = run(with_sar(p.view, c.sar), c.frame_to_crop, c.size);
    for (std::size_t i = 0; i < got.size(); ++i) {
      const int u = static_cast<int>(i) % c.size;
      const int v = static_cast<int>(i) / c.size % c.size;
      const std::size_t channel = i / static_cast<std::size_t>(c.size * c.size);
      const double level = got[i] * kNormalization.std[channel] + kNormalization.mean[channel];
      ASSERT_NEAR(level, reference(rgb, with_sar(p.view, c.sar), c.frame_to_crop, channel, u, v),
                  1e-3)
          << p.name << " channel " << channel << " at " << u << ", " << v;
    }
  }
}

TEST_P(Warp, EveryInstructionSetGivesTheSameBits) {
  const Case c = GetParam();
  for (const Image& p : test::all_layouts(c.width, c.height)) {
    std::vector<float> wanted;
    for (const Isa isa : test::kIsas) {
      const IsaLimit limit(isa);
      if (!limit.is_there()) continue;
      const std::vector<float> got = run(with_sar(p.view, c.sar), c.frame_to_crop, c.size);
      if (wanted.empty()) wanted = got;
      EXPECT_EQ(got, wanted) << p.name << " " << isa_name(isa);
    }
  }
}

TEST_P(Warp, AFrameAndItsRgbArrayGiveTheSameBits) {
  const Case c = GetParam();
  for (const Image& p : test::all_layouts(c.width, c.height)) {
    const std::vector<std::uint8_t> rgb = rgb24(p.view);
    FrameView array;
    array.width = c.width;
    array.height = c.height;
    array.sar = c.sar;
    for (int i = 0; i < 3; ++i) array.planes[i] = {rgb.data() + i, 3 * c.width, 3};
    EXPECT_EQ(run(with_sar(p.view, c.sar), c.frame_to_crop, c.size),
              run(array, c.frame_to_crop, c.size))
        << p.name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Warp,
    testing::Values(Case{"inside", 60, 50, 32, turned(0.8, 0.3, -2, -5)},
                    Case{"wide", 60, 50, 32, turned(0.8, 0.3, -2, -5), 4.0 / 3},
                    Case{"high", 60, 50, 32, turned(0.8, 2.3, 40, 25), 0.7},
                    Case{"over the left and upper rim", 61, 51, 40, turned(0.7, -0.5, 15, 12)},
                    Case{"over the right and lower rim", 33, 31, 40, turned(1.3, 0.2, -20, -17)},
                    Case{"frame within the crop", 9, 7, 48, turned(2, 1.0, 20, 10)},
                    Case{"off the frame", 40, 30, 16, turned(1, 0, 500, -900)},
                    Case{"exact pixels", 21, 19, 21, {1, 0, 0, 0}},
                    Case{"half a turn", 21, 19, 24, turned(1, 3.14159265, 22, 20)},
                    Case{"one pixel", 1, 1, 8, turned(3, 0.1, 3, 4)},
                    Case{"longer than a chunk", 90, 70, 150, turned(1.7, 0.6, 30, -10)},
                    Case{"much reduced", 400, 300, 20, turned(0.05, 2, 10, 10)}),
    [](const auto& case_info) {
      std::string name = case_info.param.name;
      for (char& ch : name) ch = ch == ' ' ? '_' : ch;
      return name;
    });

// The same samples two bytes apart, a layout that has no fast path.
Image with_pixel_stride_of_two(const Image& image) {
  Image copy;
  copy.view = image.view;
  for (std::size_t p = 0; p < (image.view.model == ColorModel::kGray ? 1 : 3); ++p) {
    const bool chroma = image.view.model == ColorModel::kYuv && p > 0;
    const int width = ((image.view.width - 1) >> (chroma ? image.view.chroma_shift_x : 0)) + 1;
    const int height = ((image.view.height - 1) >> (chroma ? image.view.chroma_shift_y : 0)) + 1;
    const Plane& from = image.view.planes[p];
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(2 * width * height));
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        bytes[static_cast<std::size_t>(2 * (y * width + x))] =
            from.data[y * from.row_stride + x * from.pixel_stride];
      }
    }
    copy.bytes.push_back(std::move(bytes));
    copy.view.planes[p] = {copy.bytes.back().data(), 2 * width, 2};
  }
  return copy;
}

TEST(WarpInterior, FastPathGivesTheSameBits) {
  for (const Isa isa : test::kIsas) {
    const IsaLimit limit(isa);
    if (!limit.is_there()) continue;
    for (const Image& image : test::all_layouts(161, 143)) {
      const Image slow = with_pixel_stride_of_two(image);
      for (const Similarity& s : {turned(0.9, 0.2, -20, -30), turned(0.5, 0, 0, 0),
                                  turned(2.5, -0.4, -150, -80), turned(1, 0, -45, -27)}) {
        ASSERT_EQ(run(image.view, s, 64), run(slow.view, s, 64)) << image.name;
      }
    }
  }
}

TEST(WarpBorder, AnUnusableTransformGivesBorder) {
  const std::vector<Image> images = test::all_layouts(10, 10);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Similarity& s : {Similarity{0, 0, 5, 5}, Similarity{nan, 0, 0, 0},
                              Similarity{1, 0, std::numeric_limits<float>::infinity(), 0}}) {
    const std::vector<float> got = run(images[0].view, s, 8);
    for (std::size_t i = 0; i < got.size(); ++i) {
      const std::size_t c = i / 64;
      ASSERT_NEAR(got[i], (kBorder - kNormalization.mean[c]) / kNormalization.std[c], 1e-6);
    }
  }
}

TEST(WarpBorder, ExtremeTransformsReadNothingOutsideTheFrame) {
  const std::vector<Image> images = test::all_layouts(10, 10);
  for (const float far : {-3e38f, -1e9f, 1e9f, 3e38f}) {
    for (const float scale : {1.1e-6f, 1.0f, 1e18f}) {
      const std::vector<float> got = run(images[0].view, {scale, 0, far, far}, 130);
      for (const float v : got) ASSERT_TRUE(std::isfinite(v));
    }
  }
}

}  // namespace
}  // namespace mien
