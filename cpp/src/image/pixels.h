// image/: what several steps need to do with pixels. This is the one definition of an image's RGB
// values (data.h, Note [One RGB]) and the only code that reads planes.
#pragma once

#include <cstdint>

#include "mien/data.h"

namespace mien {

// YUV to RGB in fixed point, 13 fractional bits:
//   R = clip((luma*(Y - luma_offset) + red_v*(V-128) + half) >> 13), and so on, clipped to 0-255.
// Coefficients are those of BT.601, BT.709 and BT.2020 (non-constant luminance) for the frame's
// range.
struct YuvCoefficients {
  std::int32_t luma_offset;
  std::int32_t luma;
  std::int32_t red_v;
  std::int32_t green_u;  // subtracted
  std::int32_t green_v;  // subtracted
  std::int32_t blue_u;
};
YuvCoefficients yuv_coefficients(YuvMatrix matrix, bool full_range);
constexpr int kYuvShift = 13;

// Throws InputError for an image on a CUDA device, which the CPU can't read.
void require_cpu(const FrameView& frame);

// Columns [x0, x1) of row y as three planes of RGB, x1 - x0 values each; 0 <= x0 <= x1 <= width, 0
// <= y < height.
void read_rgb_row(const FrameView& frame, int y, int x0, int x1, std::uint8_t* r, std::uint8_t* g,
                  std::uint8_t* b);

// The whole image as interleaved RGB, (height, width, 3), 3*width bytes per row. Throws as
// require_cpu does.
void to_rgb24(const FrameView& frame, std::uint8_t* rgb);

}  // namespace mien
