#include "infer/model_info.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "infer/metadata_reader.h"
#include "infer/session_impl.h"
#include "mien/error.h"

namespace mien {
namespace {

constexpr int kLargestSide = 8192;  // upper bound of any plausible network input, pixels
constexpr std::int64_t kFree = -1;  // a dimension of a tensor

[[noreturn]] void fail(const Session& session, const std::string& tensor, const std::string& wanted,
                       const std::string& got) {
  throw PackError("network '" + session.path() + "', " + tensor + ": wanted " + wanted + ", got " +
                  got);
}

Normalization read_normalization(const MetadataReader& read) {
  read.require("mien.input.color", "rgb");
  Normalization n;
  const auto mean = read.numbers("mien.input.mean", 3);
  const auto std = read.numbers("mien.input.std", 3);
  std::copy(mean.begin(), mean.end(), n.mean.begin());
  std::copy(std.begin(), std.end(), n.std.begin());
  if (std::any_of(std.begin(), std.end(), [](float s) { return s <= 0; })) {
    read.fail("mien.input.std", "3 numbers above 0");
  }
  return n;
}

// The metadata that both kinds of network share.
template <typename Info>
Info read_common(const MetadataReader& read, const std::string& role) {
  read.require("mien.format", "1");
  read.require("mien.role", role);
  read.text("mien.license");
  Info info;
  info.name = read.text("mien.name");
  info.version = read.text("mien.version");
  info.input = read.text("mien.input.name");
  info.normalization = read_normalization(read);
  info.border = read.number("mien.input.border", 0, 255);
  return info;
}

std::optional<QuantizedInput> read_quantized_input(const MetadataReader& read, int size) {
  constexpr const char* kType = "mien.input.type";
  constexpr const char* kBlock = "mien.input.block";
  const std::string type = read.text_or(kType, "float32");
  if (type == "float32") return std::nullopt;
  if (type != "uint8") read.fail(kType, "float32 or uint8");
  QuantizedInput input;
  input.block = read.integer(kBlock, 1, size);
  input.scale = read.number("mien.input.scale", 1e-6f, 1e6f);
  input.zero_point = read.integer("mien.input.zero_point", 0, 255);
  if (size % input.block != 0) {
    read.fail(kBlock, "a divisor of mien.input.size = " + std::to_string(size));
  }
  return input;
}

// A dimension that the engine never varies may be free in the file, but one that it varies must not
// be fixed.
void require_input(const Session& session, const std::string& name,
                   const std::vector<std::int64_t>& wanted, const std::string& type = "float32") {
  if (session.inputs().size() != 1) {
    fail(session, "inputs", "one", std::to_string(session.inputs().size()));
  }
  const TensorSpec& spec = session.inputs()[0];
  const std::string tensor = "input '" + spec.name + "'";
  if (spec.name != name) fail(session, tensor, "the name '" + name + "'", "'" + spec.name + "'");
  bool fits = spec.type == type && spec.shape.size() == wanted.size();
  for (std::size_t i = 0; fits && i < wanted.size(); ++i) {
    fits = spec.shape[i] == kFree || spec.shape[i] == wanted[i];
  }
  if (!fits) {
    fail(session, tensor, type + " " + shape_text(wanted),
         spec.type + " " + shape_text(spec.shape));
  }
}

// Returns the output's position. A width that the engine relies on must be fixed in the file.
std::size_t require_output(const Session& session, const std::string& name,
                           const std::vector<std::int64_t>& wanted) {
  const auto& outputs = session.outputs();
  const auto spec = std::find_if(outputs.begin(), outputs.end(),
                                 [&](const TensorSpec& s) { return s.name == name; });
  const std::string tensor = "output '" + name + "'";
  const std::string text = "float32 " + shape_text(wanted);
  if (spec == outputs.end()) fail(session, tensor, text, "no such output");
  bool fits = spec->type == "float32" && spec->shape.size() == wanted.size();
  for (std::size_t i = 0; fits && i < wanted.size(); ++i) {
    fits = wanted[i] == kFree || spec->shape[i] == wanted[i];
  }
  if (!fits) fail(session, tensor, text, spec->type + " " + shape_text(spec->shape));
  return static_cast<std::size_t>(spec - outputs.begin());
}

std::vector<int> read_image_sides(const MetadataReader& read, const DetectorInfo& info) {
  constexpr const char* kKey = "mien.input.image_sides";
  if (read.text_or(kKey, "").empty()) return {info.max_side};
  std::vector<int> sides;
  for (const float s : read.numbers(kKey)) {
    const int side = static_cast<int>(s);
    const bool fits = s >= static_cast<float>(info.multiple) && s <= kLargestSide &&
                      static_cast<float>(side) == s && (sides.empty() || side > sides.back());
    if (!fits) {
      read.fail(kKey, "rising whole numbers from mien.input.multiple = " +
                          std::to_string(info.multiple) + " to " + std::to_string(kLargestSide));
    }
    sides.push_back(side);
  }
  return sides;
}

std::vector<int> read_strides(const MetadataReader& read, int multiple) {
  constexpr const char* kKey = "mien.localization.strides";
  std::vector<int> strides;
  for (const float s : read.numbers(kKey)) {
    const int stride = static_cast<int>(s);
    if (s < 1 || s > kLargestSide || static_cast<float>(stride) != s || multiple % stride != 0) {
      read.fail(kKey,
                "whole numbers that divide mien.input.multiple = " + std::to_string(multiple));
    }
    strides.push_back(stride);
  }
  return strides;
}

std::vector<std::vector<float>> read_min_sizes(const MetadataReader& read, std::size_t levels) {
  constexpr const char* kKey = "mien.localization.min_sizes";
  auto sizes = read.rows(kKey);
  const bool positive = std::all_of(sizes.begin(), sizes.end(), [](const auto& level) {
    return std::all_of(level.begin(), level.end(), [](float s) { return s > 0; });
  });
  if (sizes.size() != levels || !positive) {
    read.fail(kKey, std::to_string(levels) + " lists of pixels above 0, separated by ';'");
  }
  return sizes;
}

void require_prior_count(const Session& session, const DetectorInfo& info) {
  const std::int64_t side = info.multiple;
  std::int64_t priors = 0;
  for (std::size_t i = 0; i < info.strides.size(); ++i) {
    const std::int64_t cells = side / info.strides[i];
    priors += cells * cells * static_cast<std::int64_t>(info.min_sizes[i].size());
  }
  const Binding binding(session, {1, 3, side, side});
  for (std::size_t i = 0; i < binding.output_count(); ++i) {
    if (binding.output_shape(i)[1] == priors) continue;
    fail(session, "output '" + session.outputs()[i].name + "'",
         std::to_string(priors) + " priors on an input of side " + std::to_string(side) +
             ", as mien.localization.strides and min_sizes say",
         std::to_string(binding.output_shape(i)[1]));
  }
}

// Whether the points' spread across their main direction is at least a tenth of that along it:
// faces fitted to points on a line would have any tilt.
bool spans_a_plane(const Points5& points) {
  double x = 0, y = 0, xx = 0, xy = 0, yy = 0;
  for (const Point& p : points) {
    x += p.x / 5.0;
    y += p.y / 5.0;
  }
  for (const Point& p : points) {
    xx += (p.x - x) * (p.x - x);
    xy += (p.x - x) * (p.y - y);
    yy += (p.y - y) * (p.y - y);
  }
  const double half = (xx + yy) / 2;
  const double apart = std::hypot((xx - yy) / 2, xy);
  constexpr double kLeastRatio = 0.01;  // of squares
  return half - apart > kLeastRatio * (half + apart);
}

Points5 read_template(const MetadataReader& read, int size) {
  constexpr const char* kKey = "mien.input.template";
  const auto rows = read.rows(kKey);
  const auto inside = [&](float v) { return v >= 0 && v <= static_cast<float>(size - 1); };
  Points5 points{};
  bool fits = rows.size() == points.size();
  for (std::size_t i = 0; fits && i < points.size(); ++i) {
    fits = rows[i].size() == 2 && inside(rows[i][0]) && inside(rows[i][1]);
    if (fits) points[i] = {rows[i][0], rows[i][1]};
  }
  if (!fits) read.fail(kKey, "5 points 'x,y' inside the crop, separated by ';'");
  if (!spans_a_plane(points)) read.fail(kKey, "5 points that don't lie on one line");
  return points;
}

constexpr Activation kActivations[] = {Activation::kIdentity, Activation::kSigmoid,
                                       Activation::kSoftmax, Activation::kTanh};

Activation read_activation(const MetadataReader& read, const std::string& key) {
  const std::string& text = read.text(key);
  for (const Activation a : kActivations) {
    if (text == activation_name(a)) return a;
  }
  read.fail(key, "identity, sigmoid, softmax or tanh");
}

HeadInfo read_head(const MetadataReader& read, const std::string& name) {
  const std::string key = "mien.head." + name;
  HeadInfo head;
  head.name = name;
  head.columns = read.names(key + ".columns");
  head.activation = read_activation(read, key + ".activation");
  head.scale = read.number_or(key + ".scale", 1);
  head.offset = read.number_or(key + ".offset", 0);
  head.unit = read.text_or(key + ".unit", "");
  head.range = read.text_or(key + ".range", "");
  if (head.scale == 0) read.fail(key + ".scale", "a number other than 0");
  return head;
}

}  // namespace

const char* activation_name(Activation activation) {
  switch (activation) {
    case Activation::kIdentity:
      return "identity";
    case Activation::kSigmoid:
      return "sigmoid";
    case Activation::kSoftmax:
      return "softmax";
    case Activation::kTanh:
      return "tanh";
  }
  return "";
}

std::vector<std::int64_t> input_shape(const BehaviourInfo& info, std::size_t faces) {
  const std::int64_t n = static_cast<std::int64_t>(faces);
  if (!info.bytes) return {n, 3, info.size, info.size};
  const int block = info.bytes->block;
  return {n, info.size / block, info.size / block, 3 * block * block};
}

DetectorInfo read_detector_info(const Session& session) {
  const MetadataReader read(session.path(), session.metadata());
  auto info = read_common<DetectorInfo>(read, "localization");
  info.multiple = read.integer("mien.input.multiple", 1, kLargestSide);
  info.max_side = read.integer("mien.input.max_side", info.multiple, kLargestSide);
  info.image_sides = read_image_sides(read, info);
  info.strides = read_strides(read, info.multiple);
  info.min_sizes = read_min_sizes(read, info.strides.size());
  const auto variances = read.numbers("mien.localization.variances", 2);
  std::copy(variances.begin(), variances.end(), info.variances.begin());
  if (variances[0] <= 0 || variances[1] <= 0) {
    read.fail("mien.localization.variances", "2 numbers above 0");
  }
  info.score_threshold = read.number("mien.localization.score_threshold", 0, 1);
  info.nms_iou = read.number("mien.localization.nms_iou", 0, 1);
  info.upright_score = read.number_or("mien.localization.upright_score", info.upright_score);
  require_input(session, info.input, {kFree, 3, kFree, kFree});
  info.scores_output = require_output(session, "scores", {kFree, kFree});
  info.boxes_output = require_output(session, "boxes", {kFree, kFree, 4});
  info.points_output = require_output(session, "points", {kFree, kFree, 10});
  if (session.outputs().size() != 3) {
    fail(session, "outputs", "scores, boxes, points", std::to_string(session.outputs().size()));
  }
  if (session.provider() != "tensorrt") require_prior_count(session, info);
  return info;
}

BehaviourInfo read_behaviour_info(const Session& session) {
  const MetadataReader read(session.path(), session.metadata());
  auto info = read_common<BehaviourInfo>(read, "behaviour");
  info.size = read.integer("mien.input.size", 1, kLargestSide);
  info.crop_template = read_template(read, info.size);
  info.bytes = read_quantized_input(read, info.size);
  std::vector<std::int64_t> shape = input_shape(info, 1);
  shape[0] = kFree;
  require_input(session, info.input, shape, info.bytes ? "uint8" : "float32");
  std::set<std::string> columns;
  for (const std::string& name : read.names("mien.heads")) {
    info.heads.push_back(read_head(read, name));
    for (const std::string& column : info.heads.back().columns) {
      if (!columns.insert(column).second) {
        read.fail("mien.head." + name + ".columns", "columns that no other head has");
      }
    }
    const auto width = static_cast<std::int64_t>(info.heads.back().columns.size());
    info.heads.back().output = require_output(session, name, {kFree, width});
  }
  return info;
}

}  // namespace mien
