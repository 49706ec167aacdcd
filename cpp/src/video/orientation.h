// Turning and mirroring of frames as a container's display matrix asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "mien/data.h"

namespace mien {

// Shown pixel (x, y) is stored pixel (u, v): (u, v) = (y, x) if `transpose`, else (x, y); then u
// counts from the right edge if `flip_x`, v from the bottom edge if `flip_y`.
struct Orientation {
  bool transpose = false;
  bool flip_x = false;
  bool flip_y = false;

  bool upright() const { return !transpose && !flip_x && !flip_y; }
  // Degrees clockwise: 0, 90, 180, 270. A mirrored image is first mirrored left to right, then
  // turned by this.
  int rotation() const;
};

// Reads a display matrix: 9 numbers, row-major, mapping stored (x, y), y down, to shown (m0*x +
// m3*y, m1*x + m4*y). Scale and offset are ignored, and an all-zero matrix means upright. Returns
// nothing if it turns by other than a multiple of 90 degrees (within one degree) or is singular.
std::optional<Orientation> orientation_from_matrix(const std::int32_t* matrix);

// The frame as shown, by strides alone and without a copy. Returns nothing if chroma would have to
// be upsampled (see turn()). Samples may have any number of bytes.
std::optional<FrameView> turn_by_strides(const FrameView& frame, Orientation orientation);

// Bytes that turn() writes.
std::size_t turned_size(const FrameView& frame, Orientation orientation);

// The frame as shown, copied to `out`. Its RGB values are exactly the turned RGB values of `frame`:
// where subsampled chroma can't be mirrored because a side is odd, chroma is upsampled.
FrameView turn(const FrameView& frame, Orientation orientation, std::uint8_t* out);

}  // namespace mien
