// Images without gaps between samples: the layout of uploads to a device and of our own blocks of
// device memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mien/data.h"

namespace mien {

int plane_count(const FrameView& frame);
// Samples of a plane; chroma planes may have fewer than the image has pixels.
int plane_width(const FrameView& frame, int plane);
int plane_height(const FrameView& frame, int plane);

// A view of the same image, packed at `data`: RGB interleaved, YUV as three consecutive planes.
FrameView packed_view(const FrameView& frame, const std::uint8_t* data);
// Bytes of the packed image.
std::size_t packed_size(const FrameView& frame);
// Copies an image of any layout in CPU memory to `out`, as packed_view(frame, out) reads it.
void make_packed(const FrameView& frame, std::uint8_t* out);

}  // namespace mien
