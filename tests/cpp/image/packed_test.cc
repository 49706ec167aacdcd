#include "image/packed.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "image/pixels.h"
#include "images.h"
#include "mien/error.h"

namespace mien {
namespace {

std::vector<std::uint8_t> rgb_of(const FrameView& frame) {
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(frame.width * frame.height * 3));
  to_rgb24(frame, rgb.data());
  return rgb;
}

TEST(Packed, IsTheSameImageInEveryLayout) {
  for (const auto& [width, height] : {std::pair{37, 23}, std::pair{16, 8}, std::pair{1, 1}}) {
    for (const test::Image& p : test::all_layouts(width, height)) {
      std::vector<std::uint8_t> bytes(packed_size(p.view));
      make_packed(p.view, bytes.data());
      EXPECT_EQ(rgb_of(packed_view(p.view, bytes.data())), rgb_of(p.view)) << p.name;
    }
  }
}

TEST(Packed, HasNoGaps) {
  const auto layouts = test::all_layouts(37, 23);
  const std::size_t luma = 37 * 23;
  EXPECT_EQ(packed_size(layouts[1].view), luma + 2 * 19 * 12);  // 4:2:0, padded
  EXPECT_EQ(packed_size(layouts[7].view), luma);                // grey
  EXPECT_EQ(packed_size(layouts[11].view), 3 * luma);           // rgba
}

TEST(Packed, ImagesOnADeviceAreErrors) {
  test::Image p = test::all_layouts(16, 16).front();
  p.view.memory = Memory::kCuda;
  std::vector<std::uint8_t> bytes(3 * 16 * 16);
  EXPECT_THROW(require_cpu(p.view), InputError);
  EXPECT_THROW(to_rgb24(p.view, bytes.data()), InputError);
  EXPECT_THROW(make_packed(p.view, bytes.data()), InputError);
}

}  // namespace
}  // namespace mien
