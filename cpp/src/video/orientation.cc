#include "video/orientation.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "image/packed.h"

namespace mien {
namespace {

constexpr int kTile = 32;  // a tile of a transposed plane fits into the first-level cache

// out(x, y) = base[x * step_x + y * step_y]
struct Walk {
  const std::uint8_t* base;
  std::ptrdiff_t step_x;
  std::ptrdiff_t step_y;
};

Walk walk_of(const Plane& plane, int width, int height, Orientation o) {
  const std::ptrdiff_t step_u = o.flip_x ? -plane.pixel_stride : plane.pixel_stride;
  const std::ptrdiff_t step_v = o.flip_y ? -plane.row_stride : plane.row_stride;
  const std::uint8_t* base = plane.data + (o.flip_x ? (width - 1) * plane.pixel_stride : 0) +
                             (o.flip_y ? (height - 1) * plane.row_stride : 0);
  return o.transpose ? Walk{base, step_v, step_u} : Walk{base, step_u, step_v};
}

// `width` and `height` are those of the stored plane.
void turn_plane(const Plane& plane, int width, int height, Orientation o, std::uint8_t* out) {
  const Walk walk = walk_of(plane, width, height, o);
  const int out_width = o.transpose ? height : width;
  const int out_height = o.transpose ? width : height;
  for (int y0 = 0; y0 < out_height; y0 += kTile) {
    const int y1 = std::min(y0 + kTile, out_height);
    for (int x0 = 0; x0 < out_width; x0 += kTile) {
      const int x1 = std::min(x0 + kTile, out_width);
      for (int y = y0; y < y1; ++y) {
        const std::uint8_t* in = walk.base + y * walk.step_y;
        std::uint8_t* row = out + static_cast<std::ptrdiff_t>(y) * out_width;
        for (int x = x0; x < x1; ++x) row[x] = in[x * walk.step_x];
      }
    }
  }
}

// As turn_plane, but upsamples chroma: every pixel gets the sample that covers it.
void turn_and_spread(const FrameView& frame, const Plane& plane, Orientation o, std::uint8_t* out) {
  const int out_width = o.transpose ? frame.height : frame.width;
  const int out_height = o.transpose ? frame.width : frame.height;
  for (int y = 0; y < out_height; ++y) {
    for (int x = 0; x < out_width; ++x) {
      int u = o.transpose ? y : x;
      int v = o.transpose ? x : y;
      if (o.flip_x) u = frame.width - 1 - u;
      if (o.flip_y) v = frame.height - 1 - v;
      *out++ = plane.data[(v >> frame.chroma_shift_y) * plane.row_stride +
                          (u >> frame.chroma_shift_x) * plane.pixel_stride];
    }
  }
}

bool chroma_must_spread(const FrameView& f, Orientation o) {
  const bool odd_x = (f.width & ((1 << f.chroma_shift_x) - 1)) != 0;
  const bool odd_y = (f.height & ((1 << f.chroma_shift_y) - 1)) != 0;
  return (o.flip_x && odd_x) || (o.flip_y && odd_y);
}

std::size_t area(int width, int height) {
  return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

}  // namespace

int Orientation::rotation() const {
  // Mirroring comes first, which flips the stored columns.
  const bool mirrored = transpose ? flip_x == flip_y : flip_x != flip_y;
  const bool columns_flipped = flip_x != mirrored;
  if (transpose) return columns_flipped ? 270 : 90;
  return columns_flipped ? 180 : 0;
}

std::optional<Orientation> orientation_from_matrix(const std::int32_t* matrix) {
  const double a = matrix[0];
  const double b = matrix[1];
  const double c = matrix[3];
  const double d = matrix[4];
  if (a == 0 && b == 0 && c == 0 && d == 0) return Orientation{};
  constexpr double kTangent = 0.0175;  // of one degree
  const bool transpose = std::abs(b) > std::abs(a);
  const double main_x = transpose ? b : a;
  const double main_y = transpose ? c : d;
  const double off_x = transpose ? a : b;
  const double off_y = transpose ? d : c;
  if (main_x == 0 || main_y == 0 || std::abs(off_x) > kTangent * std::abs(main_x) ||
      std::abs(off_y) > kTangent * std::abs(main_y)) {
    return std::nullopt;
  }
  return Orientation{transpose, main_x < 0, main_y < 0};
}

std::optional<FrameView> turn_by_strides(const FrameView& frame, Orientation orientation) {
  const bool yuv = frame.model == ColorModel::kYuv;
  if (yuv && chroma_must_spread(frame, orientation)) return std::nullopt;
  FrameView shown = frame;
  for (int i = 0; i < plane_count(frame); ++i) {
    const Walk walk =
        walk_of(frame.planes[i], plane_width(frame, i), plane_height(frame, i), orientation);
    shown.planes[i] = {walk.base, walk.step_y, walk.step_x};
  }
  if (orientation.transpose) {
    std::swap(shown.width, shown.height);
    std::swap(shown.chroma_shift_x, shown.chroma_shift_y);
  }
  return shown;
}

std::size_t turned_size(const FrameView& frame, Orientation orientation) {
  const bool yuv = frame.model == ColorModel::kYuv;
  if (yuv && chroma_must_spread(frame, orientation)) return 3 * area(frame.width, frame.height);
  return packed_size(frame);
}

FrameView turn(const FrameView& frame, Orientation orientation, std::uint8_t* out) {
  const bool yuv = frame.model == ColorModel::kYuv;
  const bool spread = yuv && chroma_must_spread(frame, orientation);
  FrameView shown = frame;
  if (orientation.transpose) {
    std::swap(shown.width, shown.height);
    std::swap(shown.chroma_shift_x, shown.chroma_shift_y);
  }
  if (spread) shown.chroma_shift_x = shown.chroma_shift_y = 0;
  for (int i = 0; i < plane_count(frame); ++i) {
    const int width = plane_width(frame, i);
    const int height = plane_height(frame, i);
    if (spread && i > 0) {
      turn_and_spread(frame, frame.planes[i], orientation, out);
      shown.planes[i] = {out, shown.width, 1};
      out += area(shown.width, shown.height);
    } else {
      turn_plane(frame.planes[i], width, height, orientation, out);
      shown.planes[i] = {out, orientation.transpose ? height : width, 1};
      out += area(width, height);
    }
  }
  return shown;
}

}  // namespace mien
