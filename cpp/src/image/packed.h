// Images whose samples lie as close as they can: how they travel to a device and lie in blocks of
// our own.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mien/data.h"

namespace mien {

int plane_count(const FrameView& frame);
// Samples of a plane: chroma planes may have fewer than the image has pixels.
int plane_width(const FrameView& frame, int plane);
int plane_height(const FrameView& frame, int plane);

// The same image, its pixels at `data` without a gap: RGB interleaved, YUV as three planes, one
// behind the other.
FrameView packed_view(const FrameView& frame, const std::uint8_t* data);
// Bytes of that.
std::size_t packed_size(const FrameView& frame);
// Writes a host image's samples, whatever their layout, as packed_view(frame, out) reads them.
void make_packed(const FrameView& frame, std::uint8_t* out);

}  // namespace mien
