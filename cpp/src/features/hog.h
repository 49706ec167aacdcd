// features/: descriptors of images that need no network. Histograms of oriented gradients (Dalal
// and Triggs 2005, CVPR).
#pragma once

#include <vector>

#include "mien/data.h"

namespace mien {

struct HogOptions {
  int orientations = 8;  // bins of the half circle
  int cell = 8;          // side of a cell, pixels
  int block = 2;         // side of a block, cells; blocks overlap by all cells but one

  void validate() const;
};

// Blocks of an image: (blocks_y, blocks_x, block, block, orientations) values.
struct HogGrid {
  int blocks_y = 0;
  int blocks_x = 0;
};

// Cells are counted from the left and top edge; incomplete ones at the other edges are ignored.
// Throws InputError for an image smaller than a block.
HogGrid hog_grid(const FrameView& frame, const HogOptions& options);

// The features, as scikit-image's `hog` defines them (channel_axis=-1, block_norm="L2-Hys"):
// central differences, zero on the border, of the channel in which they are largest; the mean
// magnitude of a cell's pixels by direction, each pixel in one bin; blocks normalized to unit
// length, clipped at 0.2 and normalized again.
std::vector<float> hog(const FrameView& frame, const HogOptions& options);

}  // namespace mien
