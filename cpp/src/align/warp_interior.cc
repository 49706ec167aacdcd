#include "align/warp_interior.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "image/yuv.h"
#include "runtime/simd.h"

namespace mien {
namespace {

constexpr int kRow = 128;   // most pixels of a run
constexpr int kMargin = 4;  // texels to the right that a wide load may touch
constexpr int kLane = 16;   // pixels per iteration of the widest loops, to which rows are padded
static_assert(kRow % kLane == 0);

struct Samples {
  alignas(64) std::int32_t x[kRow];  // upper left texel
  alignas(64) std::int32_t y[kRow];
  alignas(64) float weight_x[kRow];
  alignas(64) float weight_y[kRow];
};

// Texels of one plane: of the upper row, then of the lower; the left texel in the low byte, the
// right one in the high byte.
struct Pairs {
  alignas(64) std::uint16_t row[2][kRow];
};

// Texels of interleaved pixels, little-endian: of the upper row in [0] and [1], of the lower in [2]
// and [3]. [0] and [2] start at the left pixel; [1] and [3] start two bytes later and hold the
// right pixel from their second byte on.
struct Quads {
  alignas(64) std::uint32_t row[4][kRow];
};

struct Affine {
  float mean, inverse_std;
};

MIEN_ALWAYS_INLINE void locate_interior_body(const Line& line, int n, Samples& s) {
  std::int64_t x = line.x, y = line.y;  // accumulated, as NEON cannot multiply 64-bit integers
  for (int i = 0; i < n; ++i, x += line.step_x, y += line.step_y) {
    s.x[i] = static_cast<std::int32_t>(x >> kFraction);
    s.y[i] = static_cast<std::int32_t>(y >> kFraction);
    const std::int32_t fx = static_cast<std::int32_t>(static_cast<std::uint32_t>(x) >> 8);
    const std::int32_t fy = static_cast<std::int32_t>(static_cast<std::uint32_t>(y) >> 8);
    s.weight_x[i] = static_cast<float>(fx) * 0x1p-24f;
    s.weight_y[i] = static_cast<float>(fy) * 0x1p-24f;
  }
}

MIEN_MULTIVERSION(locate_interior, (const Line& line, int n, Samples& s), (line, n, s))

// Offsets in bytes of the upper left texels and of those below.
struct Offsets {
  alignas(64) std::int32_t upper[kRow];
  alignas(64) std::int32_t lower[kRow];
};

MIEN_ALWAYS_INLINE void address_interior_body(const Samples& s, int n, std::int32_t row_stride,
                                              std::int32_t pixel_stride, int shift_x, int shift_y,
                                              Offsets& out) {
  for (int i = 0; i < n; ++i) {
    const std::int32_t column = (s.x[i] >> shift_x) * pixel_stride;
    out.upper[i] = (s.y[i] >> shift_y) * row_stride + column;
    out.lower[i] = ((s.y[i] + 1) >> shift_y) * row_stride + column;
  }
}

MIEN_MULTIVERSION(address_interior,
                  (const Samples& s, int n, std::int32_t row_stride, std::int32_t pixel_stride,
                   int shift_x, int shift_y, Offsets& out),
                  (s, n, row_stride, pixel_stride, shift_x, shift_y, out))

template <typename Word>
void load(const std::uint8_t* data, const std::int32_t* offsets, int n, Word* out) {
#pragma GCC unroll 8
  for (int i = 0; i < n; ++i) std::memcpy(out + i, data + offsets[i], sizeof(Word));
}

void load_pairs(const std::uint8_t* data, const Offsets& at, int n, Pairs& out) {
  load(data, at.upper, n, out.row[0]);
  load(data, at.lower, n, out.row[1]);
}

void load_quads(const std::uint8_t* data, const Offsets& at, int n, Quads& out) {
  load(data, at.upper, n, out.row[0]);
  load(data + 2, at.upper, n, out.row[1]);
  load(data, at.lower, n, out.row[2]);
  load(data + 2, at.lower, n, out.row[3]);
}

// As in warp.cc.
MIEN_ALWAYS_INLINE float blend(float t0, float t1, float t2, float t3, float weight_x,
                               float weight_y, const Affine& affine) {
  const float upper = t0 + weight_x * (t1 - t0);
  const float lower = t2 + weight_x * (t3 - t2);
  return (upper + weight_y * (lower - upper) - affine.mean) * affine.inverse_std;
}

// `halved`: a chroma column covers two pixels, so that both texels of an even x share the left one.
MIEN_ALWAYS_INLINE void blend_yuv_body(const Pairs& luma, const Pairs& cb, const Pairs& cr,
                                       const Samples& s, int n, bool halved,
                                       const YuvCoefficients& c, const Affine* affine,
                                       float* __restrict red, float* __restrict green,
                                       float* __restrict blue) {
  const std::int32_t odd = halved ? 1 : 0;
  for (int i = 0; i < n; ++i) {
    const std::int32_t right = 8 - 8 * (odd & ~s.x[i]);  // shift to the right texel's chroma
    const std::int32_t y0 = luma.row[0][i], y1 = luma.row[1][i];
    const std::int32_t u0 = cb.row[0][i], u1 = cb.row[1][i];
    const std::int32_t v0 = cr.row[0][i], v1 = cr.row[1][i];
    const WideRgb t0 = yuv_to_wide_rgb(y0 & 255, u0 & 255, v0 & 255, c);
    const WideRgb t1 = yuv_to_wide_rgb(y0 >> 8, (u0 >> right) & 255, (v0 >> right) & 255, c);
    const WideRgb t2 = yuv_to_wide_rgb(y1 & 255, u1 & 255, v1 & 255, c);
    const WideRgb t3 = yuv_to_wide_rgb(y1 >> 8, (u1 >> right) & 255, (v1 >> right) & 255, c);
    const float wx = s.weight_x[i];
    const float wy = s.weight_y[i];
    red[i] = blend(t0.r, t1.r, t2.r, t3.r, wx, wy, affine[0]);
    green[i] = blend(t0.g, t1.g, t2.g, t3.g, wx, wy, affine[1]);
    blue[i] = blend(t0.b, t1.b, t2.b, t3.b, wx, wy, affine[2]);
  }
}

MIEN_MULTIVERSION(blend_yuv,
                  (const Pairs& luma, const Pairs& cb, const Pairs& cr, const Samples& s, int n,
                   bool halved, const YuvCoefficients& c, const Affine* affine,
                   float* __restrict red, float* __restrict green, float* __restrict blue),
                  (luma, cb, cr, s, n, halved, c, affine, red, green, blue))

// `channel` is the channel's offset in a pixel, bytes.
MIEN_ALWAYS_INLINE void blend_channel_body(const Quads& quads, const Samples& s, int n, int channel,
                                           const Affine& affine, float* __restrict out) {
  const int left = 8 * channel;
  const int right = left + 8;  // the load of the right pixel starts two bytes later
  for (int i = 0; i < n; ++i) {
    const auto byte = [](std::uint32_t word, int shift) {
      return static_cast<float>(static_cast<std::int32_t>((word >> shift) & 255));
    };
    out[i] = blend(byte(quads.row[0][i], left), byte(quads.row[1][i], right),
                   byte(quads.row[2][i], left), byte(quads.row[3][i], right), s.weight_x[i],
                   s.weight_y[i], affine);
  }
}

MIEN_MULTIVERSION(blend_channel,
                  (const Quads& quads, const Samples& s, int n, int channel, const Affine& affine,
                   float* __restrict out),
                  (quads, s, n, channel, affine, out))

// Offset of plane p from the channel with the lowest address, bytes.
std::ptrdiff_t channel_of(const FrameView& f, int p) {
  const std::uint8_t* first = std::min({f.planes[0].data, f.planes[1].data, f.planes[2].data});
  return f.planes[p].data - first;
}

bool is_planar_yuv(const FrameView& f) {
  return f.model == ColorModel::kYuv && f.chroma_shift_x <= 1 && f.planes[0].pixel_stride == 1 &&
         f.planes[1].pixel_stride == 1 && f.planes[2].pixel_stride == 1 &&
         f.planes[1].row_stride == f.planes[2].row_stride;
}

bool is_interleaved_rgb(const FrameView& f) {
  if (f.model != ColorModel::kRgb) return false;
  for (int p = 0; p < 3; ++p) {
    const Plane& plane = f.planes[p];
    if (plane.pixel_stride != 3 || plane.row_stride != f.planes[0].row_stride) return false;
    // Three neighbouring bytes: other views may belong to larger NumPy arrays.
    if (std::abs(plane.data - f.planes[1].data) > 1) return false;
  }
  return f.planes[0].data != f.planes[1].data && f.planes[2].data != f.planes[1].data &&
         f.planes[0].data != f.planes[2].data;
}

}  // namespace

bool has_simple_layout(const FrameView& frame) {
  // Offsets are 32-bit integers.
  constexpr std::int64_t kMost = std::int64_t{1} << 30;
  for (const Plane& plane : frame.planes) {
    if (std::abs(std::int64_t{plane.row_stride}) * frame.height > kMost) return false;
  }
  return is_planar_yuv(frame) || is_interleaved_rgb(frame);
}

bool is_interior(const Line& line, int n, const FrameView& frame) {
  const auto inside = [](std::int64_t at, std::int64_t step, int count, int texels) {
    const std::int64_t first = at >> kFraction;
    const std::int64_t last = (at + (count - 1) * step) >> kFraction;
    return first >= 0 && last >= 0 && first < texels && last < texels;
  };
  return inside(line.x, line.step_x, n, frame.width - kMargin) &&
         inside(line.y, line.step_y, n, frame.height - 1);
}

void warp_interior(const FrameView& frame, const YuvCoefficients& coefficients, const Line& line,
                   int n, const Normalization& normalization, float* out, std::size_t plane) {
  // The padding is computed from stale values and dropped.
  const int padded = (n + kLane - 1) / kLane * kLane;
  Samples samples;
  locate_interior(line, padded, samples);
  Affine affine[3];
  for (std::size_t c = 0; c < 3; ++c) {
    affine[c] = {normalization.mean[c], 1 / normalization.std[c]};
  }
  Offsets offsets;
  alignas(64) float rows[3][kRow];
  if (frame.model == ColorModel::kYuv) {
    Pairs pairs[3]{};
    const auto stride = [&](int p) {
      return static_cast<std::int32_t>(frame.planes[p].row_stride);
    };
    address_interior(samples, padded, stride(0), 1, 0, 0, offsets);
    load_pairs(frame.planes[0].data, offsets, n, pairs[0]);
    address_interior(samples, padded, stride(1), 1, frame.chroma_shift_x, frame.chroma_shift_y,
                     offsets);
    load_pairs(frame.planes[1].data, offsets, n, pairs[1]);
    load_pairs(frame.planes[2].data, offsets, n, pairs[2]);
    blend_yuv(pairs[0], pairs[1], pairs[2], samples, padded, frame.chroma_shift_x == 1,
              coefficients, affine, rows[0], rows[1], rows[2]);
  } else {
    Quads quads{};
    const std::uint8_t* first =
        std::min({frame.planes[0].data, frame.planes[1].data, frame.planes[2].data});
    address_interior(samples, padded, static_cast<std::int32_t>(frame.planes[0].row_stride), 3, 0,
                     0, offsets);
    load_quads(first, offsets, n, quads);
    for (int p = 0; p < 3; ++p) {
      blend_channel(quads, samples, padded, static_cast<int>(channel_of(frame, p)), affine[p],
                    rows[p]);
    }
  }
  for (std::size_t c = 0; c < 3; ++c) std::copy(rows[c], rows[c] + n, out + c * plane);
}

}  // namespace mien
