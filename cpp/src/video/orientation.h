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
  // Degrees clockwise: 0, 90, 180, 270. A mirrored image is mirrored left to right first and then
  // turned by this.
  int rotation() const;
};

// Reads a display matrix: 9 numbers, row-major, mapping stored (x, y), y down, to shown (m0*x +
// m3*y, m1*x + m4*y). Scale and offset don't matter, and an empty matrix means upright. Nothing if
// it turns by other than a multiple of 90 degrees (to one degree) or flattens the image.
std::optional<Orientation> orientation_from_matrix(const std::int32_t* matrix);

// The frame as shown, without a copy: strides say it all. Nothing where chroma must be stored in
// full (see turn()). Samples may have any number of bytes.
std::optional<FrameView> turn_by_strides(const FrameView& frame, Orientation orientation);

// Bytes that `turn` writes.
std::size_t turned_size(const FrameView& frame, Orientation orientation);

// The frame as shown, copied into `out`. Its RGB values are exactly the turned RGB values of
// `frame`: where an odd side makes subsampled chroma impossible to mirror, chroma is stored in
// full.
FrameView turn(const FrameView& frame, Orientation orientation, std::uint8_t* out);

}  // namespace mien
