#include "detect/letterbox.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "detect/letterbox_integer_scale.h"
#include "image/pixels.h"
#include "image/tap.h"
#include "mien/buffer.h"
#include "runtime/simd.h"

namespace mien {
namespace {

// Weighted mean of two source rows of one channel.
MIEN_ALWAYS_INLINE void blend_rows_body(const std::uint8_t* __restrict upper,
                                        const std::uint8_t* __restrict lower, float lower_weight,
                                        int n, float* __restrict out) {
  for (int i = 0; i < n; ++i) {
    const float a = upper[i];
    const float b = lower[i];
    out[i] = a + lower_weight * (b - a);
  }
}

MIEN_MULTIVERSION(blend_rows,
                  (const std::uint8_t* __restrict upper, const std::uint8_t* __restrict lower,
                   float lower_weight, int n, float* __restrict out),
                  (upper, lower, lower_weight, n, out))

// One network row of one channel: the weighted mean of in[left] and in[left + 1], normalized. Where
// the frame is exactly halved (e.g. 640 columns to 320), left is 2*i: contiguous reads are twice as
// fast as gathers, and the sums are the same.
MIEN_ALWAYS_INLINE void resample_row_body(const float* __restrict in,
                                          const std::int32_t* __restrict left,
                                          const float* __restrict right_weight, int n, bool halved,
                                          float mean, float inverse_std, float* __restrict out) {
  if (halved) {
    for (int i = 0; i < n; ++i) {
      const float a = in[2 * i];
      const float b = in[2 * i + 1];
      out[i] = (a + right_weight[i] * (b - a) - mean) * inverse_std;
    }
    return;
  }
  for (int i = 0; i < n; ++i) {
    const float a = in[left[i]];
    const float b = in[left[i] + 1];
    out[i] = (a + right_weight[i] * (b - a) - mean) * inverse_std;
  }
}

MIEN_MULTIVERSION(resample_row,
                  (const float* __restrict in, const std::int32_t* __restrict left,
                   const float* __restrict right_weight, int n, bool halved, float mean,
                   float inverse_std, float* __restrict out),
                  (in, left, right_weight, n, halved, mean, inverse_std, out))

// A thread's working memory; allocates only for a frame wider than any before.
struct Scratch {
  Buffer<std::uint8_t> rows;  // two source rows of three channels
  Buffer<float> blended;  // one row of one channel, one value longer for in[left + 1] at the edge
  Buffer<std::int32_t> left;
  Buffer<float> right_weight;
};

// Keeps the last two source rows as RGB planes, so that rows shared by neighbouring network rows
// are converted once.
class RowCache {
 public:
  RowCache(const FrameView& frame, std::uint8_t* memory) : frame_(frame), memory_(memory) {}

  // Row y as three planes of `width` values, valid until the second call after this one.
  const std::uint8_t* row(int y) {
    const std::size_t width = static_cast<std::size_t>(frame_.width);
    if (held_[0] != y && held_[1] != y) {
      const int slot = next_;
      std::uint8_t* at = memory_ + 3 * width * static_cast<std::size_t>(slot);
      read_rgb_row(frame_, y, 0, frame_.width, at, at + width, at + 2 * width);
      held_[slot] = y;
    }
    const int slot = held_[0] == y ? 0 : 1;
    next_ = 1 - slot;
    return memory_ + 3 * width * static_cast<std::size_t>(slot);
  }

 private:
  const FrameView& frame_;
  std::uint8_t* memory_;
  int held_[2] = {-1, -1};
  int next_ = 0;
};

void plan_columns(const FrameView& frame, const LetterboxPlan& plan, Scratch& scratch) {
  const std::size_t n = static_cast<std::size_t>(plan.content_width);
  const double scale = static_cast<double>(frame.width) / plan.content_width;
  scratch.left.resize(n);
  scratch.right_weight.resize(n);
  for (std::size_t x = 0; x < n; ++x) {
    const Tap tap = tap_at(static_cast<int>(x), scale, frame.width);
    scratch.left[x] = tap.first;
    scratch.right_weight[x] = tap.second_weight;
  }
}

// Fills one plane to the right of and below the content.
void fill_border(const LetterboxPlan& plan, float value, float* plane) {
  float* row = plane;
  for (int y = 0; y < plan.height; ++y, row += plan.width) {
    std::fill(row + (y < plan.content_height ? plan.content_width : 0), row + plan.width, value);
  }
}

void resize(const FrameView& frame, const LetterboxPlan& plan, const Normalization& normalization,
            float* out) {
  thread_local Scratch scratch;
  const std::size_t frame_width = static_cast<std::size_t>(frame.width);
  const std::size_t width = static_cast<std::size_t>(plan.width);
  const std::size_t height = static_cast<std::size_t>(plan.height);
  scratch.rows.resize(2 * 3 * frame_width);
  scratch.blended.resize(frame_width + 1);
  plan_columns(frame, plan, scratch);

  float* blended = scratch.blended.data();
  const double scale_y = static_cast<double>(frame.height) / plan.content_height;
  RowCache cache(frame, scratch.rows.data());
  for (int y = 0; y < plan.content_height; ++y) {
    const Tap tap = tap_at(y, scale_y, frame.height);
    const std::uint8_t* upper = cache.row(tap.first);
    const std::uint8_t* lower = tap.second_weight > 0 ? cache.row(tap.first + 1) : upper;
    for (std::size_t c = 0; c < 3; ++c) {
      blend_rows(upper + c * frame_width, lower + c * frame_width, tap.second_weight, frame.width,
                 blended);
      blended[frame_width] = blended[frame_width - 1];
      resample_row(blended, scratch.left.data(), scratch.right_weight.data(), plan.content_width,
                   frame.width == 2 * plan.content_width, normalization.mean[c],
                   1 / normalization.std[c],
                   out + (c * height + static_cast<std::size_t>(y)) * width);
    }
  }
}

void resize_by_integer_scale(const FrameView& frame, const LetterboxPlan& plan,
                             const Normalization& normalization, float* out) {
  const IntegerScaleRows rows(frame, plan, normalization);
  const std::size_t plane = static_cast<std::size_t>(plan.width) * plan.height;
  for (int y = 0; y < plan.content_height; ++y, out += plan.width) {
    rows.write(y, out, out + plane, out + 2 * plane);
  }
}

int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace

LetterboxPlan plan_letterbox(int frame_width, int frame_height, int max_side, int multiple) {
  const double ratio = static_cast<double>(max_side) / std::max(frame_width, frame_height);
  LetterboxPlan plan;
  plan.content_width = std::max(1, static_cast<int>(std::lround(frame_width * ratio)));
  plan.content_height = std::max(1, static_cast<int>(std::lround(frame_height * ratio)));
  plan.width = round_up(plan.content_width, multiple);
  plan.height = round_up(plan.content_height, multiple);
  plan.scale_x = static_cast<float>(static_cast<double>(frame_width) / plan.content_width);
  plan.scale_y = static_cast<float>(static_cast<double>(frame_height) / plan.content_height);
  return plan;
}

LetterboxPlan plan_of_crop(int side) {
  return {.content_width = side, .content_height = side, .width = side, .height = side};
}

void letterbox(const FrameView& frame, const LetterboxPlan& plan,
               const Normalization& normalization, float border, float* out) {
  const std::size_t plane = static_cast<std::size_t>(plan.width) * plan.height;
  if (has_integer_scale(frame, plan)) {
    resize_by_integer_scale(frame, plan, normalization, out);
  } else {
    resize(frame, plan, normalization, out);
  }
  for (std::size_t c = 0; c < 3; ++c) {
    fill_border(plan, (border - normalization.mean[c]) * (1 / normalization.std[c]),
                out + c * plane);
  }
}

}  // namespace mien
