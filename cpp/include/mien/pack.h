// A pack: two ONNX files that describe themselves. These structs hold their metadata, checked when
// the files are loaded.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mien/types.h"

namespace mien {

// Paths of the two networks. The reader of pack.toml has compared the files with their SHA-256.
struct Pack {
  std::string detector;  // named "localization" in format 1 of the packs
  std::string behaviour;
};

using Metadata = std::map<std::string, std::string>;

// Pixels as bytes, for networks that would quantize them first: round((pixel - mean) / std / scale)
// + zero_point, as (N, H / block, W / block, 3 * block * block): the pixels of a block, row by row,
// are the channels of one position. Convolutions with the block as their stride then read
// contiguous bytes.
struct QuantizedInput {
  int block = 1;
  float scale = 1;
  int zero_point = 0;
};

struct DetectorInfo {
  std::string name;
  std::string version;
  std::string input;
  Normalization normalization;
  int max_side = 0;  // default longer side of the letterbox, network pixels
  // The same for independent images. Faces of several sides are merged. {max_side} if the file
  // names none.
  std::vector<int> image_sides;
  int multiple = 32;                          // network input sides are multiples of this
  float border = 0;                           // grey level around the letterboxed frame
  std::vector<int> strides;                   // one per pyramid level
  std::vector<std::vector<float>> min_sizes;  // prior sides of each level, network pixels
  std::array<float, 2> variances{};           // of centres and points; of sizes
  float score_threshold = 0.5f;
  float nms_iou = 0.4f;
  // From this score on a face is taken to be as upright as its points say (detect/turned.h).
  float upright_score = 0.93f;
  std::size_t scores_output = 0;  // positions among the network's outputs
  std::size_t boxes_output = 0;
  std::size_t points_output = 0;
};

enum class Activation { kIdentity, kSigmoid, kSoftmax, kTanh };

// One output of the behaviour network: value = activation(output) * scale + offset.
struct HeadInfo {
  std::string name;
  std::vector<std::string> columns;
  Activation activation = Activation::kIdentity;
  float scale = 1;
  float offset = 0;
  std::string unit;
  std::string range;
  std::size_t output = 0;  // position among the network's outputs
};

struct BehaviourInfo {
  std::string name;
  std::string version;
  std::string input;
  Normalization normalization;
  std::optional<QuantizedInput> bytes;  // else float32 (N, 3, size, size)
  int size = 0;                         // side of the crop, pixels
  float border = 0;                     // grey level outside the frame
  Points5 crop_template{};              // the five points in the crop, crop pixels
  std::vector<HeadInfo> heads;
};

}  // namespace mien
