// Views of images: conversion to RGB, and turning as a container's display matrix asks.
#include <vector>

#include "image/pixels.h"
#include "video/orientation.h"
#include "view.h"

namespace {

using mien::FrameView;
using mien::fuzz::require;

std::vector<std::uint8_t> rgb_of(const FrameView& view) {
  const auto pixels = static_cast<std::size_t>(view.width) * static_cast<std::size_t>(view.height);
  std::vector<std::uint8_t> rgb(3 * pixels);
  mien::to_rgb24(view, rgb.data());
  return rgb;
}

// Every pixel of the turned image is the one that the orientation names.
void require_turned(const FrameView& frame, const FrameView& turned, mien::Orientation how) {
  require(turned.width == (how.transpose ? frame.height : frame.width), "a turned width");
  require(turned.height == (how.transpose ? frame.width : frame.height), "a turned height");
  const auto before = rgb_of(frame);
  const auto after = rgb_of(turned);
  for (int y = 0; y < turned.height; ++y) {
    for (int x = 0; x < turned.width; ++x) {
      int u = how.transpose ? y : x;
      int v = how.transpose ? x : y;
      if (how.flip_x) u = frame.width - 1 - u;
      if (how.flip_y) v = frame.height - 1 - v;
      const auto to = 3 * static_cast<std::size_t>(y * turned.width + x);
      const auto from = 3 * static_cast<std::size_t>(v * frame.width + u);
      for (std::size_t c = 0; c < 3; ++c) {
        require(after[to + c] == before[from + c], "a turned pixel is a pixel of the frame");
      }
    }
  }
}

}  // namespace

MIEN_FUZZ_TARGET(frames)(mien::fuzz::Bytes bytes) {
  mien::fuzz::Input input(bytes);
  std::int32_t matrix[9];
  for (std::int32_t& m : matrix) m = input.take<std::int32_t>();
  const auto asked = mien::orientation_from_matrix(matrix);
  const mien::Orientation how =
      asked ? *asked : mien::Orientation{input.flip(), input.flip(), input.flip()};
  const mien::fuzz::Image image = mien::fuzz::take_image(input);
  const auto by_strides = mien::turn_by_strides(image.view, how);
  if (by_strides) require_turned(image.view, *by_strides, how);
  std::vector<std::uint8_t> copy(mien::turned_size(image.view, how));
  require_turned(image.view, mien::turn(image.view, how, copy.data()), how);
}
