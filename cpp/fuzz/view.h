// Images of any layout out of a fuzzer's bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "mien/data.h"
#include "target.h"

namespace mien::fuzz {

// An image whose planes end where their memory does.
struct Image {
  FrameView view;
  std::array<std::vector<std::uint8_t>, 3> memory;
};

inline void add_plane(Input& input, Image& image, int plane, int width, int height) {
  const int pixel = input.between(1, 4);
  const int row = width * pixel + input.between(0, 9);
  auto& memory = image.memory[static_cast<std::size_t>(plane)];
  memory.resize(static_cast<std::size_t>((height - 1) * row + (width - 1) * pixel + 1));
  for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<std::uint8_t>(i * 37);
  if (!input.ended()) memory[memory.size() / 2] = input.take<std::uint8_t>();
  Plane& out = image.view.planes[plane];
  out = {memory.data(), row, pixel};
  if (input.flip()) {  // bottom up
    out.data += static_cast<std::ptrdiff_t>(height - 1) * row;
    out.row_stride = -row;
  }
  if (input.flip()) {  // right to left
    out.data += static_cast<std::ptrdiff_t>(width - 1) * pixel;
    out.pixel_stride = -pixel;
  }
}

inline Image take_image(Input& input) {
  Image image;
  FrameView& view = image.view;
  view.width = input.between(1, 70);
  view.height = input.between(1, 70);
  view.model = static_cast<ColorModel>(input.between(0, 2));
  view.matrix = static_cast<YuvMatrix>(input.between(0, 2));
  view.full_range = input.flip();
  const bool is_yuv = view.model == ColorModel::kYuv;
  view.chroma_shift_x = is_yuv ? input.between(0, 2) : 0;
  view.chroma_shift_y = is_yuv ? input.between(0, 2) : 0;
  add_plane(input, image, 0, view.width, view.height);
  if (view.model == ColorModel::kGray) return image;
  const auto less = [](int side, int shift) { return ((side - 1) >> shift) + 1; };
  for (int plane = 1; plane < 3; ++plane) {
    add_plane(input, image, plane, less(view.width, view.chroma_shift_x),
              less(view.height, view.chroma_shift_y));
  }
  return image;
}

}  // namespace mien::fuzz
