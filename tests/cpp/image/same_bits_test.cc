// The steps give the same bits on every CPU: their outputs are compared with stored checksums.
// Other tests compare them with references; these find a compiler that rounds differently.
#include <gtest/gtest.h>

#include <bit>

#include "align/warp.h"
#include "detect/letterbox.h"
#include "image/pixels.h"
#include "images.h"

namespace mien {
namespace {

const Normalization kNormalization{{123.675f, 116.28f, 103.53f}, {58.395f, 57.12f, 57.375f}};

// FNV-1a of 32-bit words.
class Digest {
 public:
  void add(float value) { add(std::bit_cast<std::uint32_t>(value)); }
  void add(std::uint32_t word) { sum_ = (sum_ ^ word) * 0x100000001b3u; }
  std::uint64_t sum() const { return sum_; }

 private:
  std::uint64_t sum_ = 0xcbf29ce484222325u;
};

template <typename Make>
std::uint64_t digest(Make make, int width = 97, int height = 61) {
  Digest digest;
  for (const test::Image& image : test::all_layouts(width, height)) {
    for (const auto value : make(image.view)) digest.add(value);
  }
  return digest.sum();
}

TEST(SameBits, Rgb) {
  const auto rgb = [](const FrameView& frame) {
    std::vector<std::uint8_t> out(static_cast<std::size_t>(3 * frame.width * frame.height));
    to_rgb24(frame, out.data());
    return std::vector<std::uint32_t>(out.begin(), out.end());
  };
  EXPECT_EQ(digest(rgb), 0x74e8269eefb0b48bu);
}

std::vector<float> letterboxed(const FrameView& frame) {
  const LetterboxPlan plan = plan_letterbox(frame.width, frame.height, 64, 32);
  std::vector<float> out(static_cast<std::size_t>(3 * plan.width * plan.height));
  letterbox(frame, plan, kNormalization, 114, out.data());
  return out;
}

TEST(SameBits, Letterbox) { EXPECT_EQ(digest(letterboxed), 0x256a5224e7d04745u); }

TEST(SameBits, LetterboxOfAnEvenMultiple) {
  EXPECT_EQ(digest(letterboxed, 128, 72), 0x82a1f9951a4d8e15u);
}

TEST(SameBits, Warp) {
  const auto warped = [](const FrameView& frame) {
    std::vector<float> out(3 * 48 * 48);
    warp(frame, {0.7f, 0.3f, -5.25f, -9.5f}, 48, kNormalization, 114, out.data());
    return out;
  };
  EXPECT_EQ(digest(warped), 0x1637cd26b0636dafu);
}

}  // namespace
}  // namespace mien
