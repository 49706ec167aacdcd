#include "align/warp.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "align/crop_map.h"
#include "align/warp_interior.h"
#include "image/pixels.h"
#include "image/similarity.h"
#include "image/yuv.h"
#include "runtime/simd.h"

namespace mien {
namespace {

// Crop pixels per pass: their whole state fits into the first-level cache.
constexpr int kChunk = 128;
constexpr int kTexels = 4;  // upper left, upper right, lower left, lower right

Line line_at(const CropMap& map, int u, int v) {
  return {to_fixed(map.xu * u + map.xv * v + map.x0), to_fixed(map.yu * u + map.yv * v + map.y0),
          to_fixed(map.xu), to_fixed(map.yu)};
}

// Where each pixel of a chunk samples the frame. Texels outside the frame are clamped to its edge,
// so that they can be read, and marked as outside.
struct Samples {
  alignas(64) std::int32_t x[kChunk];  // upper left texel, clamped
  alignas(64) std::int32_t y[kChunk];
  // To the next texel: 1, or 0 where it was clamped.
  alignas(64) std::int32_t step_x[kChunk];
  alignas(64) std::int32_t step_y[kChunk];
  alignas(64) float weight_x[kChunk];
  alignas(64) float weight_y[kChunk];
  alignas(64) std::uint8_t inside[kTexels][kChunk];
};

// The bytes of one plane at the four texels of each pixel.
struct Texels {
  alignas(64) std::uint8_t value[kTexels][kChunk];
};

// Offsets in bytes of the four texels of each pixel, for planes that share strides and subsampling.
struct Offsets {
  alignas(64) std::int64_t at[kTexels][kChunk];
};

MIEN_ALWAYS_INLINE void locate_axis(std::int64_t at, int side, std::int32_t& first,
                                    std::int32_t& step, float& weight, std::uint8_t& first_in,
                                    std::uint8_t& second_in) {
  const std::int32_t i = static_cast<std::int32_t>(at >> kFraction);
  const std::int32_t fraction = static_cast<std::int32_t>(static_cast<std::uint32_t>(at) >> 8);
  const std::int32_t low = std::min(std::max(i, 0), side - 1);
  const std::int32_t high = std::min(std::max(i + 1, 0), side - 1);
  first = low;
  step = high - low;
  weight = static_cast<float>(fraction) * 0x1p-24f;
  first_in = low == i;
  second_in = high == i + 1;
}

MIEN_ALWAYS_INLINE void locate_body(const Line& line, int n, int width, int height, Samples& s) {
  for (int i = 0; i < n; ++i) {
    std::uint8_t left, right, upper, lower;
    locate_axis(line.x + i * line.step_x, width, s.x[i], s.step_x[i], s.weight_x[i], left, right);
    locate_axis(line.y + i * line.step_y, height, s.y[i], s.step_y[i], s.weight_y[i], upper, lower);
    s.inside[0][i] = upper & left;
    s.inside[1][i] = upper & right;
    s.inside[2][i] = lower & left;
    s.inside[3][i] = lower & right;
  }
}

MIEN_MULTIVERSION(locate, (const Line& line, int n, int width, int height, Samples& s),
                  (line, n, width, height, s))

MIEN_ALWAYS_INLINE void address_body(const Samples& s, int n, std::int64_t row_stride,
                                     std::int64_t pixel_stride, int shift_x, int shift_y,
                                     Offsets& out) {
  for (int i = 0; i < n; ++i) {
    const std::int64_t upper = (s.y[i] >> shift_y) * row_stride;
    const std::int64_t lower = ((s.y[i] + s.step_y[i]) >> shift_y) * row_stride;
    const std::int64_t left = (s.x[i] >> shift_x) * pixel_stride;
    const std::int64_t right = ((s.x[i] + s.step_x[i]) >> shift_x) * pixel_stride;
    out.at[0][i] = upper + left;
    out.at[1][i] = upper + right;
    out.at[2][i] = lower + left;
    out.at[3][i] = lower + right;
  }
}

MIEN_MULTIVERSION(address,
                  (const Samples& s, int n, std::int64_t row_stride, std::int64_t pixel_stride,
                   int shift_x, int shift_y, Offsets& out),
                  (s, n, row_stride, pixel_stride, shift_x, shift_y, out))

void gather(const std::uint8_t* data, const Offsets& offsets, int n, Texels& out) {
  for (int t = 0; t < kTexels; ++t) {
#pragma GCC unroll 8
    for (int i = 0; i < n; ++i) out.value[t][i] = data[offsets.at[t][i]];
  }
}

MIEN_ALWAYS_INLINE void convert_body(int n, const YuvCoefficients& c, std::uint8_t* __restrict y,
                                     std::uint8_t* __restrict u, std::uint8_t* __restrict v) {
  for (int i = 0; i < n; ++i) {
    const Rgb rgb = yuv_to_rgb(y[i], u[i], v[i], c);
    y[i] = rgb.r;
    u[i] = rgb.g;
    v[i] = rgb.b;
  }
}

MIEN_MULTIVERSION(convert,
                  (int n, const YuvCoefficients& c, std::uint8_t* __restrict y,
                   std::uint8_t* __restrict u, std::uint8_t* __restrict v),
                  (n, c, y, u, v))

MIEN_ALWAYS_INLINE void blend_body(const Texels& texels, const Samples& s, int n, float border,
                                   float mean, float inverse_std, float* __restrict out) {
  for (int i = 0; i < n; ++i) {
    float t[kTexels];
    for (int k = 0; k < kTexels; ++k) {
      const float value = texels.value[k][i];
      const float inside = s.inside[k][i];
      t[k] = inside * value + (1 - inside) * border;
    }
    const float upper = t[0] + s.weight_x[i] * (t[1] - t[0]);
    const float lower = t[2] + s.weight_x[i] * (t[3] - t[2]);
    out[i] = (upper + s.weight_y[i] * (lower - upper) - mean) * inverse_std;
  }
}

MIEN_MULTIVERSION(blend,
                  (const Texels& texels, const Samples& s, int n, float border, float mean,
                   float inverse_std, float* __restrict out),
                  (texels, s, n, border, mean, inverse_std, out))

// AVX-512 loops process 64 pixels per iteration and the remainder one by one, which is slower than
// one more iteration. Pixels beyond n are computed from stale values and dropped.
int whole_iterations(int n) {
  constexpr int kBlock = 64;
  static_assert(kChunk % kBlock == 0);
  return active_isa() == Isa::kAvx512 ? (n + kBlock - 1) / kBlock * kBlock : n;
}

bool share_layout(const Plane& p, const Plane& q) {
  return p.row_stride == q.row_stride && p.pixel_stride == q.pixel_stride;
}

// The 8-bit RGB values at the four texels of each of n pixels (data.h, Note [One RGB]).
void read_texels(const FrameView& frame, const YuvCoefficients& c, const Samples& samples, int n,
                 int padded, std::array<Texels, 3>& out) {
  Offsets offsets;
  const int planes = frame.model == ColorModel::kGray ? 1 : 3;
  for (int p = 0; p < planes; ++p) {
    const Plane& plane = frame.planes[p];
    const bool chroma = frame.model == ColorModel::kYuv && p > 0;
    const bool known = p > 0 && share_layout(plane, frame.planes[p - 1]) && !(chroma && p == 1);
    if (!known) {
      address(samples, padded, plane.row_stride, plane.pixel_stride,
              chroma ? frame.chroma_shift_x : 0, chroma ? frame.chroma_shift_y : 0, offsets);
    }
    gather(plane.data, offsets, n, out[static_cast<std::size_t>(p)]);
  }
  if (frame.model == ColorModel::kGray) out[1] = out[2] = out[0];
  if (frame.model == ColorModel::kYuv) {
    for (int t = 0; t < kTexels; ++t) {
      convert(padded, c, out[0].value[t], out[1].value[t], out[2].value[t]);
    }
  }
}

void fill_with_border(int size, const Normalization& normalization, float border, float* out) {
  const std::size_t plane = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  for (std::size_t c = 0; c < 3; ++c) {
    const float value = (border - normalization.mean[c]) * (1 / normalization.std[c]);
    std::fill(out + c * plane, out + (c + 1) * plane, value);
  }
}

// What the chunks of a crop share, working memory included.
struct Warp {
  Warp(const FrameView& f, const Normalization& n, float border_value)
      : frame(f),
        coefficients(yuv_coefficients(f.matrix, f.full_range)),
        normalization(n),
        border(border_value) {}

  const FrameView& frame;
  const YuvCoefficients coefficients;
  const Normalization& normalization;
  const float border;
  Samples samples;
  std::array<Texels, 3> texels{};
  alignas(64) float row[kChunk];
};

// Writes three rows of n <= kChunk floats, `plane` floats apart.
void warp_chunk(const Line& line, int n, Warp& w, float* out, std::size_t plane) {
  const int padded = whole_iterations(n);
  locate(line, padded, w.frame.width, w.frame.height, w.samples);
  read_texels(w.frame, w.coefficients, w.samples, n, padded, w.texels);
  for (std::size_t c = 0; c < 3; ++c) {
    blend(w.texels[c], w.samples, padded, w.border, w.normalization.mean[c],
          1 / w.normalization.std[c], w.row);
    std::copy(w.row, w.row + n, out + c * plane);
  }
}

}  // namespace

void warp(const FrameView& frame, const Similarity& frame_to_crop, int size,
          const Normalization& normalization, float border, float* out) {
  if (!is_usable(frame_to_crop) || frame.width <= 0 || frame.height <= 0) {
    fill_with_border(size, normalization, border, out);
    return;
  }
  const std::size_t plane = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  const CropMap map = crop_to_stored(frame_to_crop, frame);
  const bool is_simple = has_simple_layout(frame);
  Warp w(frame, normalization, border);
  for (int v = 0; v < size; ++v) {
    for (int u = 0; u < size; u += kChunk) {
      const int n = std::min(kChunk, size - u);
      const Line line = line_at(map, u, v);
      float* to = out + static_cast<std::size_t>(v) * static_cast<std::size_t>(size) + u;
      if (is_simple && is_interior(line, n, frame)) {
        warp_interior(frame, w.coefficients, line, n, normalization, to, plane);
      } else {
        warp_chunk(line, n, w, to, plane);
      }
    }
  }
}

}  // namespace mien
