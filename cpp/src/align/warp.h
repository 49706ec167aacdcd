// align/: cuts aligned, normalized crops out of frames.
#pragma once

#include "mien/data.h"
#include "mien/types.h"

namespace mien {

// Writes (3, size, size) floats, (pixel - mean) / std. Crop pixel (u, v) samples the frame at the
// inverse of `frame_to_crop`, which is in square pixels (data.h), bilinear on the frame's 8-bit RGB
// values; samples outside the frame are `border` (as cv2.warpAffine BORDER_CONSTANT, with exact
// weights). If the similarity is not usable, the whole crop is `border`.
void warp(const FrameView& frame, const Similarity& frame_to_crop, int size,
          const Normalization& normalization, float border, float* out);

}  // namespace mien
