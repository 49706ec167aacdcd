// Images whose pixels aren't square, and the square pixels that all coordinates are in (data.h,
// Note [Square pixels]).
#pragma once

#include <cstdint>

#include "device/host_device.h"
#include "mien/data.h"

namespace mien {

struct ImageSize {
  int width = 0;
  int height = 0;
  bool operator==(const ImageSize&) const = default;
};

// Of the image in square pixels. The side along which pixels are longer grows, so that no detail is
// lost and turning the image only exchanges the sides.
ImageSize shown_size(int width, int height, double sar);
ImageSize shown_size(const FrameView& frame);

// Stored pixels per square pixel along one side; with it, x_stored = x * scale + offset
// (types.h, Note [Pixel coordinates]).
struct StoredAxis {
  double scale = 1;
  double offset = 0;
};
// `shown` is a side of shown_size(), `stored` that of the frame; exactly 1 and 0 where they agree.
MIEN_HOST_DEVICE inline StoredAxis stored_axis(int stored, int shown) {
  const double scale = static_cast<double>(stored) / shown;
  return {scale, 0.5 * (scale - 1)};
}

// The image in square pixels as interleaved RGB: (height, width, 3) of shown_size(). Linear
// interpolation of the frame's RGB values along the side that grows, edges replicated, rounded, as
// cv2.resize INTER_LINEAR to within one grey level. With square pixels, to_rgb24(). Throws as
// require_cpu does.
void to_square_rgb24(const FrameView& frame, std::uint8_t* rgb);

}  // namespace mien
