#include "detect/priors.h"

#include <cmath>
#include <cstddef>
#include <limits>

#include "detect/decode.h"
#include "detect/nms.h"

namespace mien {
namespace {

struct Candidates {
  std::vector<Box> boxes;  // network pixels, edge-based
  std::vector<Points5> points;
  std::vector<float> scores;
};

Points5 decode_points(const Prior& prior, const float* offsets, const Variances& variances) {
  Points5 points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i] = decode_point(prior, offsets, i, variances);
  }
  return points;
}

}  // namespace

std::vector<Prior> make_priors(const DetectorInfo& info, int width, int height) {
  std::vector<Prior> priors;
  for (std::size_t level = 0; level < info.strides.size(); ++level) {
    const int stride = info.strides[level];
    // The network's feature maps round up if a side is not a multiple of the stride.
    const int columns = (width + stride - 1) / stride;
    const int rows = (height + stride - 1) / stride;
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        for (const float side : info.min_sizes[level]) {
          priors.push_back({(static_cast<float>(column) + 0.5f) * static_cast<float>(stride),
                            (static_cast<float>(row) + 0.5f) * static_cast<float>(stride), side});
        }
      }
    }
  }
  return priors;
}

float least_logit(float probability) {
  if (probability <= 0) return -std::numeric_limits<float>::infinity();
  if (probability >= 1) return std::numeric_limits<float>::infinity();
  const double p = probability;
  return static_cast<float>(std::log(p / (1 - p)));
}

void decode_faces(const DetectorOutput& output, const std::vector<Prior>& priors,
                  const DetectorInfo& info, const LetterboxPlan& plan, const DecodeOptions& options,
                  int frame_position, FaceBatch& faces) {
  const float least = least_logit(options.score_threshold);
  const Variances variances{info.variances[0], info.variances[1]};
  Candidates found;
  for (std::size_t i = 0; i < priors.size(); ++i) {
    if (!(output.scores[i] >= least)) continue;  // also drops NaN
    const Box box = decode_box(priors[i], output.boxes + 4 * i, variances);
    if (!is_finite(box, priors[i], output.points + 10 * i, variances)) continue;
    found.boxes.push_back(box);
    found.points.push_back(decode_points(priors[i], output.points + 10 * i, variances));
    found.scores.push_back(score_of(output.scores[i]));
  }
  const std::vector<int> kept =
      non_maximum_suppression(found.boxes, found.scores, options.nms_iou, options.max_faces);
  for (const int k : kept) {
    Points5 points = found.points[k];
    for (Point& p : points) p = to_frame(p, plan);
    faces.add(frame_position, to_frame(found.boxes[k], plan), found.scores[k], points);
  }
}

}  // namespace mien
