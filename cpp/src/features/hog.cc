#include "features/hog.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>

#include "image/pixels.h"
#include "mien/error.h"

namespace mien {
namespace {

constexpr double kClip = 0.2;
constexpr double kEpsilon = 1e-5;  // keeps the norm of an empty block above 0

struct Gradient {
  int x = 0;
  int y = 0;

  int squared() const { return x * x + y * y; }
};

// Interleaved RGB of an image; gradients are zero along the border, where a neighbour is missing.
class Gradients {
 public:
  explicit Gradients(const FrameView& frame)
      : width_(frame.width),
        height_(frame.height),
        rgb_(static_cast<std::size_t>(frame.width) * frame.height * 3) {
    to_rgb24(frame, rgb_.data());
  }

  // The gradient of the channel with the largest magnitude; the first channel in a tie.
  Gradient at(int x, int y) const {
    Gradient largest;
    for (int c = 0; c < 3; ++c) {
      Gradient g;
      if (x > 0 && x + 1 < width_) g.x = value(x + 1, y, c) - value(x - 1, y, c);
      if (y > 0 && y + 1 < height_) g.y = value(x, y + 1, c) - value(x, y - 1, c);
      if (g.squared() > largest.squared()) largest = g;
    }
    return largest;
  }

 private:
  int value(int x, int y, int c) const {
    return rgb_[(static_cast<std::size_t>(y) * width_ + x) * 3 + c];
  }

  int width_;
  int height_;
  std::vector<std::uint8_t> rgb_;
};

// Bin of a direction in the half circle; bins are half open, the first is [0, 180/n) degrees.
// Computed in degrees, where the bin edges that integer gradients can hit (multiples of 45) are
// exact.
int bin_of(Gradient g, int orientations) {
  double degrees = std::atan2(double(g.y), double(g.x)) * (180 / std::numbers::pi);
  if (degrees < 0) degrees += 180;
  if (degrees >= 180) degrees -= 180;
  return std::min(static_cast<int>(degrees / (180.0 / orientations)), orientations - 1);
}

// Mean magnitudes, (cells_y, cells_x, orientations).
std::vector<double> cell_histograms(const FrameView& frame, const HogOptions& options, int cells_y,
                                    int cells_x) {
  const Gradients gradients(frame);
  const int n = options.orientations;
  std::vector<double> cells(static_cast<std::size_t>(cells_y) * cells_x * n);
  for (int y = 0; y < cells_y * options.cell; ++y) {
    double* row = cells.data() + static_cast<std::size_t>(y / options.cell) * cells_x * n;
    for (int x = 0; x < cells_x * options.cell; ++x) {
      const Gradient g = gradients.at(x, y);
      row[x / options.cell * n + bin_of(g, n)] += std::sqrt(double(g.squared()));
    }
  }
  const double pixels = double(options.cell) * options.cell;
  for (double& sum : cells) sum /= pixels;
  return cells;
}

void to_unit_length(std::vector<double>& block) {
  double squared = kEpsilon * kEpsilon;
  for (const double v : block) squared += v * v;
  const double length = std::sqrt(squared);
  for (double& v : block) v /= length;
}

void require_positive(const char* name, int value) {
  if (value < 1) {
    throw OptionError(std::string("hog: ") + name + ": wanted 1 or more, got " +
                      std::to_string(value));
  }
}

}  // namespace

void HogOptions::validate() const {
  require_positive("orientations", orientations);
  require_positive("cell", cell);
  require_positive("block", block);
}

HogGrid hog_grid(const FrameView& frame, const HogOptions& options) {
  options.validate();
  const HogGrid grid{frame.height / options.cell - options.block + 1,
                     frame.width / options.cell - options.block + 1};
  if (grid.blocks_y < 1 || grid.blocks_x < 1) {
    const std::int64_t side = std::int64_t{options.cell} * options.block;
    throw InputError("hog: wanted an image of at least " + std::to_string(side) + "x" +
                     std::to_string(side) + " pixels, got " + std::to_string(frame.width) + "x" +
                     std::to_string(frame.height));
  }
  return grid;
}

std::vector<float> hog(const FrameView& frame, const HogOptions& options) {
  const HogGrid grid = hog_grid(frame, options);
  const int cells_x = grid.blocks_x + options.block - 1;
  const int cells_y = grid.blocks_y + options.block - 1;
  const std::vector<double> cells = cell_histograms(frame, options, cells_y, cells_x);
  const std::size_t row_size = static_cast<std::size_t>(options.block) * options.orientations;
  std::vector<double> block(row_size * options.block);
  std::vector<float> features;
  features.reserve(block.size() * grid.blocks_y * grid.blocks_x);
  for (int by = 0; by < grid.blocks_y; ++by) {
    for (int bx = 0; bx < grid.blocks_x; ++bx) {
      for (int r = 0; r < options.block; ++r) {
        const std::size_t first = static_cast<std::size_t>(by + r) * cells_x + bx;
        std::copy_n(cells.data() + first * options.orientations, row_size,
                    block.data() + r * row_size);
      }
      to_unit_length(block);
      for (double& v : block) v = std::min(v, kClip);
      to_unit_length(block);
      features.insert(features.end(), block.begin(), block.end());
    }
  }
  return features;
}

}  // namespace mien
