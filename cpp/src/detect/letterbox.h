// detect/: frames to the detector's input, and its output to faces. This is the first part: one
// pass of colour conversion, bilinear resize, normalization and planar layout.
#pragma once

#include "mien/data.h"
#include "mien/types.h"

namespace mien {

// The frame is resized so that its longer side is `max_side`, keeping its aspect ratio, and placed
// at the top left of the network's input; the rest holds the border value. Both input sides are
// multiples of `multiple`.
struct LetterboxPlan {
  int content_width = 0;  // resized frame, network pixels
  int content_height = 0;
  int width = 0;  // network input
  int height = 0;
  float scale_x = 1;  // square frame pixels (data.h) per network pixel
  float scale_y = 1;

  // Network to frame: edge-based, x_frame = (x_net + 0.5) * scale_x - 0.5 (Note [Pixel
  // coordinates]).
  bool operator==(const LetterboxPlan&) const = default;
};

// For a frame with these sides in square pixels. The letterbox of a frame whose pixels aren't
// square stretches it on the way, in the same pass.
LetterboxPlan plan_letterbox(int frame_width, int frame_height, int max_side, int multiple);

// For an image of the network's own size.
LetterboxPlan plan_of_crop(int side);

// Writes (3, plan.height, plan.width) floats, (pixel - mean) / std. Bilinear with half-pixel
// centres on the frame's 8-bit RGB values, edges replicated, as cv2.resize INTER_LINEAR to within
// one grey level; not rounded to 8 bits in between.
void letterbox(const FrameView& frame, const LetterboxPlan& plan,
               const Normalization& normalization, float border, float* out);

}  // namespace mien
