// Fast path of the warp, for runs of crop pixels whose texels all lie in the interior of a frame
// with a common layout. It gives the same bits as the general path in warp.cc and is three times as
// fast: neighbouring texels are loaded together, and converted and blended in registers.
#pragma once

#include "align/crop_map.h"
#include "image/pixels.h"
#include "mien/data.h"

namespace mien {

// Fixed-point frame coordinates (crop_map.h) of the first pixel of a run, and the step from one
// pixel to the next.
struct Line {
  std::int64_t x, y, step_x, step_y;
};

// Whether `frame` has a layout that the fast path reads: planar YUV (4:4:4, 4:2:2, 4:2:0), or
// interleaved RGB or BGR.
bool has_simple_layout(const FrameView& frame);

// Whether all texels of the n pixels of `line` lie in the interior: at least as far from the edges
// as the wide loads reach.
bool is_interior(const Line& line, int n, const FrameView& frame);

// Writes three rows of n <= 128 floats, `plane` floats apart. has_simple_layout() and is_interior()
// must hold.
void warp_interior(const FrameView& frame, const YuvCoefficients& coefficients, const Line& line,
                   int n, const Normalization& normalization, float* out, std::size_t plane);

}  // namespace mien
