#include "detect/letterbox_integer_scale.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "image/pixels.h"
#include "image/yuv.h"
#include "mien/buffer.h"
#include "runtime/simd.h"

namespace mien {
namespace {

// Little-endian: the left sample is the low byte.
MIEN_ALWAYS_INLINE std::int32_t pair_at(const std::uint8_t* pairs, int i) {
  std::uint16_t pair;
  std::memcpy(&pair, pairs + 2 * i, sizeof pair);
  return pair;
}

// The middle two of every four bytes.
MIEN_ALWAYS_INLINE void pick_middle_body(const std::uint8_t* __restrict row, int n,
                                         std::uint16_t* __restrict out) {
  for (int i = 0; i < n; ++i) {
    std::uint32_t four;
    std::memcpy(&four, row + 4 * i, sizeof four);
    out[i] = static_cast<std::uint16_t>(four >> 8);
  }
}

MIEN_MULTIVERSION(pick_middle,
                  (const std::uint8_t* __restrict row, int n, std::uint16_t* __restrict out),
                  (row, n, out))

// A quarter of a sum of four is exact, and so equals the two blends of the general path.
MIEN_ALWAYS_INLINE float normalize(float sum, const Affine& affine) {
  return (sum * 0.25f - affine.mean) * affine.inverse_std;
}

// Rows of pairs of luma, one chroma sample for all four pixels.
MIEN_ALWAYS_INLINE void average_sharing_body(
    const std::uint8_t* __restrict upper, const std::uint8_t* __restrict lower,
    const std::uint8_t* __restrict u, const std::uint8_t* __restrict v, int n, const FloatYuv& c,
    const Affine* affine, float* __restrict red, float* __restrict green, float* __restrict blue) {
  for (int i = 0; i < n; ++i) {
    const ChromaTerms chroma = chroma_terms(u[i], v[i], c);
    const std::int32_t a = pair_at(upper, i);
    const std::int32_t b = pair_at(lower, i);
    LevelSums sums;
    sums.add(luma_term(a & 255, c), chroma);
    sums.add(luma_term(a >> 8, c), chroma);
    sums.add(luma_term(b & 255, c), chroma);
    sums.add(luma_term(b >> 8, c), chroma);
    red[i] = normalize(sums.red(), affine[0]);
    green[i] = normalize(sums.green(), affine[1]);
    blue[i] = normalize(sums.blue(), affine[2]);
  }
}

MIEN_MULTIVERSION(average_sharing,
                  (const std::uint8_t* __restrict upper, const std::uint8_t* __restrict lower,
                   const std::uint8_t* __restrict u, const std::uint8_t* __restrict v, int n,
                   const FloatYuv& c, const Affine* affine, float* __restrict red,
                   float* __restrict green, float* __restrict blue),
                  (upper, lower, u, v, n, c, affine, red, green, blue))

// Rows of pairs of luma and of chroma.
struct PairRows {
  const std::uint8_t* y;
  const std::uint8_t* u;
  const std::uint8_t* v;

  PairRows from(int i) const { return {y + 2 * i, u + 2 * i, v + 2 * i}; }
};

MIEN_ALWAYS_INLINE void add_pair(const PairRows& row, int i, const FloatYuv& c, LevelSums& sums) {
  const std::int32_t y = pair_at(row.y, i);
  const std::int32_t u = pair_at(row.u, i);
  const std::int32_t v = pair_at(row.v, i);
  sums.add(luma_term(y & 255, c), chroma_terms(u & 255, v & 255, c));
  sums.add(luma_term(y >> 8, c), chroma_terms(u >> 8, v >> 8, c));
}

MIEN_ALWAYS_INLINE void average_pairs_body(const PairRows& upper, const PairRows& lower, int n,
                                           const FloatYuv& c, const Affine* affine,
                                           float* __restrict red, float* __restrict green,
                                           float* __restrict blue) {
  for (int i = 0; i < n; ++i) {
    LevelSums sums;
    add_pair(upper, i, c, sums);
    add_pair(lower, i, c, sums);
    red[i] = normalize(sums.red(), affine[0]);
    green[i] = normalize(sums.green(), affine[1]);
    blue[i] = normalize(sums.blue(), affine[2]);
  }
}

MIEN_MULTIVERSION(average_pairs,
                  (const PairRows& upper, const PairRows& lower, int n, const FloatYuv& c,
                   const Affine* affine, float* __restrict red, float* __restrict green,
                   float* __restrict blue),
                  (upper, lower, n, c, affine, red, green, blue))

// Sums of each byte of two rows and the byte one pixel to the right.
MIEN_ALWAYS_INLINE void add_neighbours_body(const std::uint8_t* __restrict upper,
                                            const std::uint8_t* __restrict lower, int pixel, int n,
                                            std::uint16_t* __restrict out) {
  for (int i = 0; i < n; ++i) {
    out[i] = static_cast<std::uint16_t>(upper[i] + upper[i + pixel] + lower[i] + lower[i + pixel]);
  }
}

MIEN_MULTIVERSION(add_neighbours,
                  (const std::uint8_t* __restrict upper, const std::uint8_t* __restrict lower,
                   int pixel, int n, std::uint16_t* __restrict out),
                  (upper, lower, pixel, n, out))

// The 16-bit sums of a network pixel: the first two channels in one word, the third in the next.
MIEN_ALWAYS_INLINE void split_sums_body(const std::uint32_t* __restrict sums, int n,
                                        const Affine* affine, float* __restrict first,
                                        float* __restrict second, float* __restrict third) {
  for (int i = 0; i < n; ++i) {
    const auto level = [](std::uint32_t sum) {
      return static_cast<float>(static_cast<std::int32_t>(sum));
    };
    first[i] = normalize(level(sums[2 * i] & 0xffff), affine[0]);
    second[i] = normalize(level(sums[2 * i] >> 16), affine[1]);
    third[i] = normalize(level(sums[2 * i + 1] & 0xffff), affine[2]);
  }
}

MIEN_MULTIVERSION(split_sums,
                  (const std::uint32_t* __restrict sums, int n, const Affine* affine,
                   float* __restrict first, float* __restrict second, float* __restrict third),
                  (sums, n, affine, first, second, third))

// The loops above process up to 64 pixels per iteration and the remainder slowly, one by one. So
// the last block of 64 overlaps the one before it instead.
template <typename Step>
void in_blocks(int n, const Step& step) {
  constexpr int kBlock = 64;
  const int whole = n < kBlock ? n : n / kBlock * kBlock;
  step(0, whole);
  if (whole < n) step(n - kBlock, kBlock);
}

// A thread's working memory; allocates only for a frame wider than any before.
struct Scratch {
  Buffer<std::uint16_t> picked;  // upper and lower rows of samples of three planes
  Buffer<std::uint16_t> sums;    // one per byte of interleaved pixels
  Buffer<std::uint32_t> picked_sums;
};

Scratch& scratch() {
  thread_local Scratch memory;
  return memory;
}

// The samples of a plane's row that network pixel i takes: `first` + i * `step`, and the one `gap`
// after it.
struct Columns {
  int first, step, gap;
};

Columns columns_of(int ratio, int shift) {
  const int left = ratio / 2 - 1;
  return {left >> shift, ratio >> shift, ((left + 1) >> shift) - (left >> shift)};
}

const std::uint8_t* row_of(const Plane& plane, int y) { return plane.data + y * plane.row_stride; }

// Pairs of samples, read from the plane itself where they are adjacent, else copied to `memory`.
const std::uint8_t* pick_pairs(const Plane& plane, int y, const Columns& at, int n,
                               std::uint16_t* memory) {
  const std::uint8_t* row = row_of(plane, y);
  const bool is_dense = plane.pixel_stride == 1 && at.gap == 1;
  if (is_dense && at.step == 2 && at.first == 0) return row;
  if (is_dense && at.step == 4 && at.first == 1) {
    in_blocks(n, [&](int i, int count) { pick_middle(row + 4 * i, count, memory + i); });
  } else {
    const std::ptrdiff_t step = at.step * plane.pixel_stride;
    const std::ptrdiff_t gap = at.gap * plane.pixel_stride;
    const std::uint8_t* from = row + at.first * plane.pixel_stride;
    for (int i = 0; i < n; ++i, from += step) {
      memory[i] = static_cast<std::uint16_t>(from[0] | from[gap] << 8);
    }
  }
  return reinterpret_cast<const std::uint8_t*>(memory);
}

// As pick_pairs(), but only the first of each pair.
const std::uint8_t* pick(const Plane& plane, int y, const Columns& at, int n,
                         std::uint16_t* memory) {
  const std::uint8_t* from = row_of(plane, y) + at.first * plane.pixel_stride;
  const std::ptrdiff_t step = at.step * plane.pixel_stride;
  if (step == 1) return from;
  std::uint8_t* out = reinterpret_cast<std::uint8_t*>(memory);
  for (int i = 0; i < n; ++i, from += step) out[i] = *from;
  return out;
}

bool is_yuv(const FrameView& f) {
  return f.model == ColorModel::kYuv && f.chroma_shift_x <= 1 && f.chroma_shift_y <= 1;
}

const std::uint8_t* first_channel(const FrameView& f) {
  return std::min({f.planes[0].data, f.planes[1].data, f.planes[2].data});
}

// Three neighbouring bytes per pixel, in any order of channels.
bool is_packed(const FrameView& f) {
  const std::ptrdiff_t pixel = f.planes[0].pixel_stride;
  if (f.model != ColorModel::kRgb || (pixel != 3 && pixel != 4)) return false;
  int channels = 0;
  for (const Plane& plane : f.planes) {
    const std::ptrdiff_t at = plane.data - first_channel(f);
    if (at > 2 || plane.row_stride != f.planes[0].row_stride || plane.pixel_stride != pixel) {
      return false;
    }
    channels |= 1 << at;
  }
  return channels == 7;
}

}  // namespace

bool has_integer_scale(const FrameView& frame, const LetterboxPlan& plan) {
  return frame.width % (2 * plan.content_width) == 0 &&
         frame.height % (2 * plan.content_height) == 0 && (is_yuv(frame) || is_packed(frame));
}

IntegerScaleRows::IntegerScaleRows(const FrameView& frame, const LetterboxPlan& plan,
                                   const Normalization& normalization)
    : frame_(frame),
      n_(plan.content_width),
      columns_(frame.width / plan.content_width),
      rows_(frame.height / plan.content_height),
      yuv_(float_yuv(yuv_coefficients(frame.matrix, frame.full_range))) {
  for (std::size_t c = 0; c < 3; ++c) {
    affine_[c] = {normalization.mean[c], 1 / normalization.std[c]};
  }
}

void IntegerScaleRows::write(int y, float* red, float* green, float* blue) const {
  const int upper = y * rows_ + rows_ / 2 - 1;
  float* const out[3] = {red, green, blue};
  if (frame_.model == ColorModel::kYuv) {
    write_yuv(upper, out);
  } else {
    write_packed(upper, out);
  }
}

void IntegerScaleRows::write_yuv(int upper, float* const* out) const {
  const std::size_t width = static_cast<std::size_t>(n_);
  scratch().picked.resize(6 * width);
  std::uint16_t* memory = scratch().picked.data();
  const Columns luma = columns_of(columns_, 0);
  const Columns chroma = columns_of(columns_, frame_.chroma_shift_x);
  const auto pairs = [&](int p, int y, std::size_t slot) {
    const int row = p == 0 ? y : y >> frame_.chroma_shift_y;
    return pick_pairs(frame_.planes[p], row, p == 0 ? luma : chroma, n_, memory + slot * width);
  };
  const std::uint8_t* y0 = pairs(0, upper, 0);
  const std::uint8_t* y1 = pairs(0, upper + 1, 1);
  const int chroma_row = upper >> frame_.chroma_shift_y;
  if (chroma.gap == 0 && chroma_row == (upper + 1) >> frame_.chroma_shift_y) {
    const std::uint8_t* u = pick(frame_.planes[1], chroma_row, chroma, n_, memory + 2 * width);
    const std::uint8_t* v = pick(frame_.planes[2], chroma_row, chroma, n_, memory + 3 * width);
    in_blocks(n_, [&](int i, int count) {
      average_sharing(y0 + 2 * i, y1 + 2 * i, u + i, v + i, count, yuv_, affine_, out[0] + i,
                      out[1] + i, out[2] + i);
    });
    return;
  }
  const PairRows above{y0, pairs(1, upper, 2), pairs(2, upper, 3)};
  const PairRows below{y1, pairs(1, upper + 1, 4), pairs(2, upper + 1, 5)};
  in_blocks(n_, [&](int i, int count) {
    average_pairs(above.from(i), below.from(i), count, yuv_, affine_, out[0] + i, out[1] + i,
                  out[2] + i);
  });
}

void IntegerScaleRows::write_packed(int upper, float* const* out) const {
  const std::ptrdiff_t stride = frame_.planes[0].row_stride;
  const int pixel = static_cast<int>(frame_.planes[0].pixel_stride);
  const std::uint8_t* start = first_channel(frame_);
  const std::uint8_t* row = start + upper * stride;
  // The three sums of a pixel are read as four: at the last pixel there is one unused.
  const int sums = pixel * (frame_.width - 2) + 3;
  scratch().sums.resize(static_cast<std::size_t>(sums) + 1);
  scratch().picked_sums.resize(static_cast<std::size_t>(2 * n_));
  std::uint16_t* from = scratch().sums.data();
  std::uint32_t* picked = scratch().picked_sums.data();
  add_neighbours(row, row + stride, pixel, sums, from);
  from += pixel * (columns_ / 2 - 1);
#pragma GCC unroll 8
  for (int i = 0; i < n_; ++i) std::memcpy(picked + 2 * i, from + i * pixel * columns_, 8);
  float* to[3];
  Affine affine[3];
  for (int p = 0; p < 3; ++p) {
    const std::ptrdiff_t channel = frame_.planes[p].data - start;
    to[channel] = out[p];
    affine[channel] = affine_[p];
  }
  split_sums(picked, n_, affine, to[0], to[1], to[2]);
}

}  // namespace mien
