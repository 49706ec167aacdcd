#include "image/packed.h"

#include <cstring>

#include "image/pixels.h"

namespace mien {
namespace {

int covered(int size, int shift) { return (size + (1 << shift) - 1) >> shift; }

std::size_t plane_size(const FrameView& frame, int plane) {
  return static_cast<std::size_t>(plane_width(frame, plane)) *
         static_cast<std::size_t>(plane_height(frame, plane));
}

bool is_interleaved_rgb(const FrameView& frame) {
  for (int i = 0; i < 3; ++i) {
    const Plane& plane = frame.planes[i];
    if (plane.data != frame.planes[0].data + i || plane.pixel_stride != 3) return false;
    if (plane.row_stride != frame.planes[0].row_stride) return false;
  }
  return true;
}

void copy_rows(const Plane& plane, int row_bytes, int rows, std::uint8_t* out) {
  for (int y = 0; y < rows; ++y) {
    std::memcpy(out, plane.data + y * plane.row_stride, static_cast<std::size_t>(row_bytes));
    out += row_bytes;
  }
}

void gather(const Plane& plane, int width, int height, std::uint8_t* out) {
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* row = plane.data + y * plane.row_stride;
    for (int x = 0; x < width; ++x) *out++ = row[x * plane.pixel_stride];
  }
}

}  // namespace

int plane_count(const FrameView& frame) { return frame.model == ColorModel::kGray ? 1 : 3; }

int plane_width(const FrameView& frame, int plane) {
  const bool is_chroma = frame.model == ColorModel::kYuv && plane > 0;
  return covered(frame.width, is_chroma ? frame.chroma_shift_x : 0);
}

int plane_height(const FrameView& frame, int plane) {
  const bool is_chroma = frame.model == ColorModel::kYuv && plane > 0;
  return covered(frame.height, is_chroma ? frame.chroma_shift_y : 0);
}

FrameView packed_view(const FrameView& frame, const std::uint8_t* data) {
  FrameView view = frame;
  const bool rgb = frame.model == ColorModel::kRgb;
  for (int i = 0; i < plane_count(frame); ++i) {
    const std::ptrdiff_t width = plane_width(frame, i);
    view.planes[i] = rgb ? Plane{data + i, 3 * width, 3} : Plane{data, width, 1};
    if (!rgb) data += plane_size(frame, i);
  }
  return view;
}

std::size_t packed_size(const FrameView& frame) {
  std::size_t size = 0;
  for (int i = 0; i < plane_count(frame); ++i) size += plane_size(frame, i);
  return size;
}

void make_packed(const FrameView& frame, std::uint8_t* out) {
  require_cpu(frame);
  if (frame.model == ColorModel::kRgb) {
    if (is_interleaved_rgb(frame)) {
      copy_rows(frame.planes[0], 3 * frame.width, frame.height, out);
    } else {
      to_rgb24(frame, out);
    }
    return;
  }
  for (int i = 0; i < plane_count(frame); ++i) {
    const int width = plane_width(frame, i);
    const int height = plane_height(frame, i);
    if (frame.planes[i].pixel_stride == 1) {
      copy_rows(frame.planes[i], width, height, out);
    } else {
      gather(frame.planes[i], width, height, out);
    }
    out += plane_size(frame, i);
  }
}

}  // namespace mien
