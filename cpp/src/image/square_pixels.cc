#include "image/square_pixels.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "image/pixels.h"
#include "image/tap.h"
#include "mien/buffer.h"

namespace mien {
namespace {

constexpr std::size_t kChannels = 3;

// `n` values between those at `near` and those at `far`.
void mix(const std::uint8_t* near, const std::uint8_t* far, float far_weight, std::size_t n,
         std::uint8_t* out) {
  for (std::size_t i = 0; i < n; ++i) {
    const float a = near[i];
    const float b = far[i];
    out[i] = static_cast<std::uint8_t>(a + far_weight * (b - a) + 0.5f);
  }
}

void widen(const std::uint8_t* in, const FrameView& frame, int width, std::uint8_t* out) {
  const double scale = static_cast<double>(frame.width) / width;
  std::vector<Tap> taps;
  for (int x = 0; x < width; ++x) taps.push_back(tap_at(x, scale, frame.width));
  const auto row = kChannels * static_cast<std::size_t>(frame.width);
  for (int y = 0; y < frame.height; ++y, in += row) {
    for (const Tap& tap : taps) {
      mix(in + kChannels * static_cast<std::size_t>(tap.first),
          in + kChannels * static_cast<std::size_t>(second_of(tap, frame.width)), tap.second_weight,
          kChannels, out);
      out += kChannels;
    }
  }
}

void heighten(const std::uint8_t* in, const FrameView& frame, int height, std::uint8_t* out) {
  const double scale = static_cast<double>(frame.height) / height;
  const auto row = kChannels * static_cast<std::size_t>(frame.width);
  for (int y = 0; y < height; ++y) {
    const Tap tap = tap_at(y, scale, frame.height);
    mix(in + static_cast<std::size_t>(tap.first) * row,
        in + static_cast<std::size_t>(second_of(tap, frame.height)) * row, tap.second_weight, row,
        out + static_cast<std::size_t>(y) * row);
  }
}

}  // namespace

ImageSize shown_size(int width, int height, double sar) {
  const auto grown = [](int side, double by) {
    return std::max(side, static_cast<int>(std::lround(side * by)));
  };
  if (sar > 1) return {grown(width, sar), height};
  if (sar < 1) return {width, grown(height, 1 / sar)};
  return {width, height};
}

ImageSize shown_size(const FrameView& frame) {
  return shown_size(frame.width, frame.height, frame.sar);
}

void to_square_rgb24(const FrameView& frame, std::uint8_t* rgb) {
  const ImageSize shown = shown_size(frame);
  if (shown == ImageSize{frame.width, frame.height}) {
    to_rgb24(frame, rgb);
    return;
  }
  Buffer<std::uint8_t> stored(kChannels * static_cast<std::size_t>(frame.width) *
                              static_cast<std::size_t>(frame.height));
  to_rgb24(frame, stored.data());
  if (shown.width > frame.width) {
    widen(stored.data(), frame, shown.width, rgb);
  } else {
    heighten(stored.data(), frame, shown.height, rgb);
  }
}

}  // namespace mien
