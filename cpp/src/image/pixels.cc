#include "image/pixels.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "image/yuv.h"
#include "mien/error.h"
#include "runtime/simd.h"

namespace mien {
namespace {

// `u` and `v` have one value per pixel.
MIEN_ALWAYS_INLINE void convert_row_body(const std::uint8_t* __restrict y,
                                         const std::uint8_t* __restrict u,
                                         const std::uint8_t* __restrict v, int n,
                                         const YuvCoefficients& c, std::uint8_t* __restrict r,
                                         std::uint8_t* __restrict g, std::uint8_t* __restrict b) {
  for (int i = 0; i < n; ++i) {
    const Rgb rgb = yuv_to_rgb(y[i], u[i], v[i], c);
    r[i] = rgb.r;
    g[i] = rgb.g;
    b[i] = rgb.b;
  }
}

MIEN_MULTIVERSION(convert_row,
                  (const std::uint8_t* __restrict y, const std::uint8_t* __restrict u,
                   const std::uint8_t* __restrict v, int n, const YuvCoefficients& c,
                   std::uint8_t* __restrict r, std::uint8_t* __restrict g,
                   std::uint8_t* __restrict b),
                  (y, u, v, n, c, r, g, b))

MIEN_ALWAYS_INLINE void deinterleave_body(const std::uint8_t* __restrict rgb, int n,
                                          std::uint8_t* __restrict r, std::uint8_t* __restrict g,
                                          std::uint8_t* __restrict b) {
  for (int i = 0; i < n; ++i) {
    r[i] = rgb[3 * i];
    g[i] = rgb[3 * i + 1];
    b[i] = rgb[3 * i + 2];
  }
}

MIEN_MULTIVERSION(deinterleave,
                  (const std::uint8_t* __restrict rgb, int n, std::uint8_t* __restrict r,
                   std::uint8_t* __restrict g, std::uint8_t* __restrict b),
                  (rgb, n, r, g, b))

// Each sample of [x0 >> 1, ...) twice, so that out[i] covers column x0 + i.
MIEN_ALWAYS_INLINE void double_samples_body(const std::uint8_t* __restrict in, int n,
                                            std::uint8_t* __restrict out) {
  for (int i = 0; i < n; ++i) {
    out[2 * i] = in[i];
    out[2 * i + 1] = in[i];
  }
}

MIEN_MULTIVERSION(double_samples,
                  (const std::uint8_t* __restrict in, int n, std::uint8_t* __restrict out),
                  (in, n, out))

void copy_samples(const Plane& plane, int y, int x0, int x1, std::uint8_t* out) {
  const std::uint8_t* row = plane.data + y * plane.row_stride;
  if (plane.pixel_stride == 1) {
    std::copy(row + x0, row + x1, out);
    return;
  }
  for (int x = x0; x < x1; ++x) out[x - x0] = row[x * plane.pixel_stride];
}

// Chroma of columns [x0, x1), one value per pixel. `out` has room for x1 - x0 + 2 values. Returns
// the position of column x0 in it.
const std::uint8_t* spread_chroma(const FrameView& frame, const Plane& plane, int y, int x0, int x1,
                                  std::uint8_t* out) {
  const int shift = frame.chroma_shift_x;
  const std::uint8_t* row = plane.data + (y >> frame.chroma_shift_y) * plane.row_stride;
  if (plane.pixel_stride == 1 && shift == 0) return row + x0;
  if (plane.pixel_stride == 1 && shift == 1) {
    const int first = x0 >> 1;
    const int last = (x1 + 1) >> 1;
    double_samples(row + first, last - first, out);
    return out + (x0 & 1);
  }
  for (int x = x0; x < x1; ++x) out[x - x0] = row[(x >> shift) * plane.pixel_stride];
  return out;
}

void read_yuv_row(const FrameView& frame, int y, int x0, int x1, std::uint8_t* r, std::uint8_t* g,
                  std::uint8_t* b) {
  constexpr int kChunk = 2048;  // pixels per pass: the scratch memory fits into the L1 cache
  std::uint8_t luma[kChunk];
  std::uint8_t u[kChunk + 2];
  std::uint8_t v[kChunk + 2];
  const YuvCoefficients c = yuv_coefficients(frame.matrix, frame.full_range);
  for (int x = x0; x < x1; x += kChunk) {
    const int end = std::min(x + kChunk, x1);
    copy_samples(frame.planes[0], y, x, end, luma);
    const std::uint8_t* pu = spread_chroma(frame, frame.planes[1], y, x, end, u);
    const std::uint8_t* pv = spread_chroma(frame, frame.planes[2], y, x, end, v);
    const int at = x - x0;
    convert_row(luma, pu, pv, end - x, c, r + at, g + at, b + at);
  }
}

bool is_packed_rgb(const FrameView& f) {
  return f.planes[0].pixel_stride == 3 && f.planes[1].data == f.planes[0].data + 1 &&
         f.planes[2].data == f.planes[0].data + 2 &&
         f.planes[1].row_stride == f.planes[0].row_stride &&
         f.planes[2].row_stride == f.planes[0].row_stride && f.planes[1].pixel_stride == 3 &&
         f.planes[2].pixel_stride == 3;
}

std::int32_t fixed(double v) {
  return static_cast<std::int32_t>(std::lround(v * (1 << kYuvShift)));
}

}  // namespace

YuvCoefficients yuv_coefficients(YuvMatrix matrix, bool full_range) {
  // Luma weights of red and blue: ITU-R BT.601, BT.709, BT.2020.
  double kr = 0.299;
  double kb = 0.114;
  if (matrix == YuvMatrix::kBt709) {
    kr = 0.2126;
    kb = 0.0722;
  } else if (matrix == YuvMatrix::kBt2020) {
    kr = 0.2627;
    kb = 0.0593;
  }
  const double kg = 1 - kr - kb;
  const double luma = full_range ? 1.0 : 255.0 / 219.0;
  const double chroma = full_range ? 1.0 : 255.0 / 224.0;
  return {full_range ? 0 : 16,
          fixed(luma),
          fixed(2 * (1 - kr) * chroma),
          fixed(2 * (1 - kb) * kb / kg * chroma),
          fixed(2 * (1 - kr) * kr / kg * chroma),
          fixed(2 * (1 - kb) * chroma)};
}

void require_cpu(const FrameView& frame) {
  if (frame.memory == Memory::kCpu) return;
  throw InputError(
      "frame: it lies on a CUDA device; wanted a copy in the CPU's memory, or an engine that "
      "runs on the device (device=\"cuda\")");
}

void read_rgb_row(const FrameView& frame, int y, int x0, int x1, std::uint8_t* r, std::uint8_t* g,
                  std::uint8_t* b) {
  if (x1 <= x0) return;
  switch (frame.model) {
    case ColorModel::kYuv:
      return read_yuv_row(frame, y, x0, x1, r, g, b);
    case ColorModel::kGray:
      copy_samples(frame.planes[0], y, x0, x1, r);
      std::copy(r, r + (x1 - x0), g);
      std::copy(r, r + (x1 - x0), b);
      return;
    case ColorModel::kRgb:
      if (is_packed_rgb(frame)) {
        deinterleave(frame.planes[0].data + y * frame.planes[0].row_stride + 3 * x0, x1 - x0, r, g,
                     b);
        return;
      }
      copy_samples(frame.planes[0], y, x0, x1, r);
      copy_samples(frame.planes[1], y, x0, x1, g);
      copy_samples(frame.planes[2], y, x0, x1, b);
      return;
  }
}

void to_rgb24(const FrameView& frame, std::uint8_t* rgb) {
  require_cpu(frame);
  const int width = frame.width;
  std::vector<std::uint8_t> row(static_cast<std::size_t>(width) * 3);
  std::uint8_t* r = row.data();
  std::uint8_t* g = r + width;
  std::uint8_t* b = g + width;
  for (int y = 0; y < frame.height; ++y) {
    read_rgb_row(frame, y, 0, width, r, g, b);
    for (int x = 0; x < width; ++x) {
      *rgb++ = r[x];
      *rgb++ = g[x];
      *rgb++ = b[x];
    }
  }
}

}  // namespace mien
