#include "core/compact.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "core/pixels.h"
#include "mien/error.h"
#include "pictures.h"

namespace mien {
namespace {

std::vector<std::uint8_t> rgb_of(const FrameView& frame) {
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(frame.width * frame.height * 3));
  to_rgb24(frame, rgb.data());
  return rgb;
}

TEST(Compact, IsTheSamePictureInEveryLayout) {
  for (const auto& [width, height] : {std::pair{37, 23}, std::pair{16, 8}, std::pair{1, 1}}) {
    for (const test::Picture& p : test::all_layouts(width, height)) {
      std::vector<std::uint8_t> bytes(compact_size(p.view));
      make_compact(p.view, bytes.data());
      EXPECT_EQ(rgb_of(compact_view(p.view, bytes.data())), rgb_of(p.view)) << p.name;
    }
  }
}

TEST(Compact, LeavesNoGap) {
  const auto layouts = test::all_layouts(37, 23);
  const std::size_t luma = 37 * 23;
  EXPECT_EQ(compact_size(layouts[1].view), luma + 2 * 19 * 12);  // 4:2:0, padded
  EXPECT_EQ(compact_size(layouts[7].view), luma);                // grey
  EXPECT_EQ(compact_size(layouts[11].view), 3 * luma);           // rgba
}

TEST(Compact, WhatLiesOnADeviceIsRefused) {
  test::Picture p = test::all_layouts(16, 16).front();
  p.view.memory = Memory::kCuda;
  std::vector<std::uint8_t> bytes(3 * 16 * 16);
  EXPECT_THROW(require_host(p.view), InputError);
  EXPECT_THROW(to_rgb24(p.view, bytes.data()), InputError);
  EXPECT_THROW(make_compact(p.view, bytes.data()), InputError);
}

}  // namespace
}  // namespace mien
