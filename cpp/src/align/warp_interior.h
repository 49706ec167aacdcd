// The warp where it is simple: pixels of a crop's row whose texels all lie well inside a frame of a
// common layout. Same bits as the general way in warp.cc, three times as fast: neighbouring texels
// come in one load, and conversion and blending happen in registers.
#pragma once

#include "align/crop_map.h"
#include "image/pixels.h"
#include "mien/data.h"

namespace mien {

// Fixed-point coordinates of a row's first pixel and the way from one pixel to the next
// (crop_map.h).
struct Line {
  std::int64_t x, y, step_x, step_y;
};

// Whether `frame` has such a layout: planar YUV (4:4:4, 4:2:2, 4:2:0), or interleaved RGB or BGR.
bool has_simple_layout(const FrameView& frame);

// Whether the n pixels of the line lie well inside.
bool is_well_inside(const Line& line, int n, const FrameView& frame);

// Writes three rows of n floats, `plane` floats apart. Both of the above must hold; n <= 128.
void warp_interior(const FrameView& frame, const YuvCoefficients& coefficients, const Line& line,
                   int n, const Normalization& normalization, float* out, std::size_t plane);

}  // namespace mien
