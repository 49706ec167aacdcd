#include "image/square_pixels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/pixels.h"
#include "images.h"

namespace mien {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::size_t size_of(int width, int height) {
  return 3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

Bytes square_rgb(const FrameView& frame) {
  const ImageSize shown = shown_size(frame);
  Bytes rgb(size_of(shown.width, shown.height));
  to_square_rgb24(frame, rgb.data());
  return rgb;
}

FrameView view_of(const Bytes& rgb, int width, int height, double sar) {
  FrameView view;
  view.width = width;
  view.height = height;
  view.sar = sar;
  for (int c = 0; c < 3; ++c) view.planes[c] = {rgb.data() + c, 3 * width, 3};
  return view;
}

TEST(ShownSize, TheSideWithTheLongerPixelsGrows) {
  EXPECT_EQ(shown_size(1440, 1080, 4.0 / 3), (ImageSize{1920, 1080}));  // HDV
  EXPECT_EQ(shown_size(720, 576, 64.0 / 45), (ImageSize{1024, 576}));   // PAL, wide
  EXPECT_EQ(shown_size(720, 480, 8.0 / 9), (ImageSize{720, 540}));      // NTSC
  EXPECT_EQ(shown_size(1080, 1440, 0.75), (ImageSize{1080, 1920}));     // HDV, turned
  EXPECT_EQ(shown_size(641, 359, 1), (ImageSize{641, 359}));
}

TEST(StoredAxis, TheEdgesOfTheImageStayItsEdges) {
  const StoredAxis axis = stored_axis(1440, 1920);
  EXPECT_DOUBLE_EQ(-0.5 * axis.scale + axis.offset, -0.5);
  EXPECT_DOUBLE_EQ(1919.5 * axis.scale + axis.offset, 1439.5);
  EXPECT_EQ(stored_axis(641, 641).scale, 1);
  EXPECT_EQ(stored_axis(641, 641).offset, 0);
}

TEST(ToSquareRgb, SquarePixelsStayAsTheyAre) {
  for (const test::Image& p : test::all_layouts(37, 23)) {
    Bytes wanted(size_of(37, 23));
    to_rgb24(p.view, wanted.data());
    EXPECT_EQ(square_rgb(p.view), wanted) << p.name;
  }
}

// cv2.resize(numpy.uint8([[[0], [90], [30], [255]]]), (6, 1), interpolation=cv2.INTER_LINEAR) gives
// 0, 45, 80, 40, 143, 255.
TEST(ToSquareRgb, InterpolatesAsOpenCv) {
  const int row[] = {0, 90, 30, 255};
  const int wanted[] = {0, 45, 80, 40, 143, 255};
  Bytes in;
  for (const int value : row) in.insert(in.end(), 3, static_cast<std::uint8_t>(value));
  const Bytes wide = square_rgb(view_of(in, 4, 1, 1.5));
  const Bytes high = square_rgb(view_of(in, 1, 4, 1 / 1.5));
  EXPECT_EQ(wide, high);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(wide[3 * i], wanted[i], 1) << i;
}

TEST(ToSquareRgb, AnyLayoutStretchesItsRgbValues) {
  for (test::Image& p : test::all_layouts(36, 24)) {
    for (const double sar : {4.0 / 3, 0.6}) {
      Bytes rgb(size_of(36, 24));
      to_rgb24(p.view, rgb.data());
      p.view.sar = sar;
      EXPECT_EQ(square_rgb(p.view), square_rgb(view_of(rgb, 36, 24, sar))) << p.name;
    }
  }
}

}  // namespace
}  // namespace mien
