// Random images in every layout that a FrameView can describe, and their exact RGB values.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "mien/data.h"
#include "runtime/simd.h"

namespace mien::test {

// Lowers the instruction set for a scope.
class IsaLimit {
 public:
  explicit IsaLimit(Isa isa) : before_(active_isa()), is_there_(limit_isa(isa) == isa) {}
  ~IsaLimit() { limit_isa(before_); }
  IsaLimit(const IsaLimit&) = delete;
  IsaLimit& operator=(const IsaLimit&) = delete;
  bool is_there() const { return is_there_; }  // whether this CPU has it

 private:
  Isa before_;
  bool is_there_;
};

inline const std::array<Isa, 3> kIsas{Isa::kBaseline, Isa::kAvx2, Isa::kAvx512};

// Allocates exactly the bytes that the view may access, so that sanitizers find any access beyond.
struct Image {
  std::string name;
  std::vector<std::vector<std::uint8_t>> bytes;
  FrameView view;
};

inline std::vector<std::uint8_t> random_bytes(std::size_t n, std::mt19937& random) {
  std::vector<std::uint8_t> bytes(n);
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random());
  return bytes;
}

// Bytes of a plane with these strides in bytes.
inline std::size_t extent(int width, int height, int row_stride, int pixel_stride) {
  return static_cast<std::size_t>((height - 1) * row_stride + (width - 1) * pixel_stride + 1);
}

inline Image planar_image(ColorModel model, int width, int height, int shift_x, int shift_y,
                          int padding, std::mt19937& random) {
  Image p;
  p.name = "planar";
  p.view.width = width;
  p.view.height = height;
  p.view.model = model;
  p.view.chroma_shift_x = shift_x;
  p.view.chroma_shift_y = shift_y;
  const int planes = model == ColorModel::kGray ? 1 : 3;
  for (int i = 0; i < planes; ++i) {
    const int w = i > 0 ? (width + (1 << shift_x) - 1) >> shift_x : width;
    const int h = i > 0 ? (height + (1 << shift_y) - 1) >> shift_y : height;
    p.bytes.push_back(random_bytes(extent(w, h, w + padding, 1), random));
    p.view.planes[i] = {p.bytes.back().data(), w + padding, 1};
  }
  return p;
}

inline Image nv12_image(int width, int height, std::mt19937& random) {
  Image p = planar_image(ColorModel::kYuv, width, height, 1, 1, 0, random);
  const int w = (width + 1) / 2;
  const int h = (height + 1) / 2;
  p.bytes.push_back(random_bytes(static_cast<std::size_t>(2 * w * h), random));
  p.view.planes[1] = {p.bytes.back().data(), 2 * w, 2};
  p.view.planes[2] = {p.bytes.back().data() + 1, 2 * w, 2};
  return p;
}

inline Image packed_image(int width, int height, int pixel_bytes, int padding,
                          std::mt19937& random) {
  Image p;
  p.view.width = width;
  p.view.height = height;
  const int stride = width * pixel_bytes + padding;
  p.bytes.push_back(random_bytes(
      static_cast<std::size_t>((height - 1) * stride + (width - 1) * pixel_bytes + 3), random));
  for (int c = 0; c < 3; ++c) p.view.planes[c] = {p.bytes[0].data() + c, stride, pixel_bytes};
  return p;
}

// The same bytes seen upside down and from right to left, as NumPy's [::-1, ::-1] does.
inline void turn_over(Image& p) {
  for (Plane& plane : p.view.planes) {
    plane.data += (p.view.height - 1) * plane.row_stride + (p.view.width - 1) * plane.pixel_stride;
    plane.row_stride = -plane.row_stride;
    plane.pixel_stride = -plane.pixel_stride;
  }
}

inline std::vector<Image> all_layouts(int width, int height, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::vector<Image> all;
  const auto add = [&](const char* name, Image p) {
    p.name = name;
    all.push_back(std::move(p));
  };
  add("4:2:0", planar_image(ColorModel::kYuv, width, height, 1, 1, 0, random));
  add("4:2:0 padded", planar_image(ColorModel::kYuv, width, height, 1, 1, 5, random));
  add("4:2:2", planar_image(ColorModel::kYuv, width, height, 1, 0, 0, random));
  add("4:4:4", planar_image(ColorModel::kYuv, width, height, 0, 0, 3, random));
  add("4:1:1", planar_image(ColorModel::kYuv, width, height, 2, 0, 0, random));
  add("4:4:0", planar_image(ColorModel::kYuv, width, height, 0, 1, 0, random));
  add("nv12", nv12_image(width, height, random));
  add("grey", planar_image(ColorModel::kGray, width, height, 0, 0, 1, random));
  add("planar rgb", planar_image(ColorModel::kRgb, width, height, 0, 0, 0, random));
  add("rgb24", packed_image(width, height, 3, 0, random));
  add("rgb24 padded", packed_image(width, height, 3, 7, random));
  add("rgba", packed_image(width, height, 4, 0, random));
  Image bgr = packed_image(width, height, 3, 1, random);
  std::swap(bgr.view.planes[0], bgr.view.planes[2]);
  add("bgr24", std::move(bgr));
  Image turned = packed_image(width, height, 3, 2, random);
  turn_over(turned);
  add("rgb24 turned over", std::move(turned));
  all[0].view.matrix = YuvMatrix::kBt709;
  all[2].view.full_range = true;
  all[3].view.matrix = YuvMatrix::kBt2020;
  return all;
}

struct YuvWeights {
  double red;
  double blue;
};

inline YuvWeights yuv_weights(YuvMatrix matrix) {
  switch (matrix) {
    case YuvMatrix::kBt601:
      return {0.299, 0.114};
    case YuvMatrix::kBt709:
      return {0.2126, 0.0722};
    case YuvMatrix::kBt2020:
      return {0.2627, 0.0593};
  }
  return {};
}

inline std::uint8_t sample(const Plane& p, int x, int y) {
  return p.data[y * p.row_stride + x * p.pixel_stride];
}

// RGB before rounding and clipping, from the standards' formulas (ITU-R BT.601, 709, 2020).
inline std::array<double, 3> exact_rgb(const FrameView& f, int x, int y) {
  if (f.model == ColorModel::kGray) {
    const double v = sample(f.planes[0], x, y);
    return {v, v, v};
  }
  if (f.model == ColorModel::kRgb) {
    return {double(sample(f.planes[0], x, y)), double(sample(f.planes[1], x, y)),
            double(sample(f.planes[2], x, y))};
  }
  const auto [kr, kb] = yuv_weights(f.matrix);
  const int cx = x >> f.chroma_shift_x;
  const int cy = y >> f.chroma_shift_y;
  const double luma =
      f.full_range ? sample(f.planes[0], x, y) : (sample(f.planes[0], x, y) - 16.0) * 255 / 219;
  const double range = f.full_range ? 1 : 255.0 / 224;
  const double cb = (sample(f.planes[1], cx, cy) - 128) * range;
  const double cr = (sample(f.planes[2], cx, cy) - 128) * range;
  const double red = luma + 2 * (1 - kr) * cr;
  const double blue = luma + 2 * (1 - kb) * cb;
  return {red, (luma - kr * red - kb * blue) / (1 - kr - kb), blue};
}

}  // namespace mien::test
