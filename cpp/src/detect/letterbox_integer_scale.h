// The letterbox where it is simple: the frame's sides are even multiples of the content's (640x360,
// 1280x720 or 1920x1080 to 320x180, say), so that each network pixel is the mean of four
// neighbours. Their sums are exact, hence the same bits as the general way in letterbox.cc, two to
// four times as fast: no pixel is converted that doesn't count, and conversion, sum and
// normalization happen in registers.
#pragma once

#include "detect/letterbox.h"
#include "image/yuv.h"
#include "mien/data.h"

namespace mien {

// Whether it is that simple: such sides, and planar YUV (4:4:4, 4:2:2, 4:2:0), NV12 or interleaved
// RGB in any order.
bool is_even(const FrameView& frame, const LetterboxPlan& plan);

// (value - mean) * inverse_std
struct Affine {
  float mean, inverse_std;
};

class EvenRows {
 public:
  // The above must hold.
  EvenRows(const FrameView& frame, const LetterboxPlan& plan, const Normalization& normalization);

  // Row y of the content, plan.content_width values a channel.
  void write(int y, float* red, float* green, float* blue) const;

 private:
  void write_yuv(int upper, float* const* out) const;
  void write_packed(int upper, float* const* out) const;

  const FrameView& frame_;
  const int n_;        // network pixels of a row
  const int columns_;  // frame pixels of a network pixel
  const int rows_;
  const FloatYuv yuv_;
  Affine affine_[3];
};

}  // namespace mien
