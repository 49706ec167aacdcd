#include "detect/priors.h"

#include <cmath>
#include <cstddef>
#include <limits>

#include "detect/nms.h"

namespace mien {
namespace {

struct Candidates {
  std::vector<Box> boxes;  // network pixels, edge-based
  std::vector<Points5> points;
  std::vector<float> scores;
};

// The logit at which sigmoid(logit) reaches `probability`.
float logit(float probability) {
  if (probability <= 0) return -std::numeric_limits<float>::infinity();
  if (probability >= 1) return std::numeric_limits<float>::infinity();
  const double p = probability;
  return static_cast<float>(std::log(p / (1 - p)));
}

Box decode_box(const Prior& prior, const float* offsets, const std::array<float, 2>& variances) {
  const float cx = prior.cx + offsets[0] * variances[0] * prior.side;
  const float cy = prior.cy + offsets[1] * variances[0] * prior.side;
  const float width = prior.side * std::exp(offsets[2] * variances[1]);
  const float height = prior.side * std::exp(offsets[3] * variances[1]);
  return {cx - width / 2, cy - height / 2, width, height};
}

Points5 decode_points(const Prior& prior, const float* offsets, float variance) {
  Points5 points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].x = prior.cx + offsets[2 * i] * variance * prior.side;
    points[i].y = prior.cy + offsets[2 * i + 1] * variance * prior.side;
  }
  return points;
}

bool is_finite(const Box& box, const Points5& points) {
  float sum = std::abs(box.x) + std::abs(box.y) + box.width + box.height;
  for (const Point& p : points) sum += std::abs(p.x) + std::abs(p.y);
  return std::isfinite(sum);
}

// Network to frame pixels (letterbox.h).
Point to_frame(Point p, const LetterboxPlan& plan) {
  return {p.x * plan.scale_x - 0.5f, p.y * plan.scale_y - 0.5f};
}

Box to_frame(const Box& box, const LetterboxPlan& plan) {
  const Point corner = to_frame(Point{box.x, box.y}, plan);
  return {corner.x, corner.y, box.width * plan.scale_x, box.height * plan.scale_y};
}

}  // namespace

std::vector<Prior> make_priors(const LocalizationInfo& info, int width, int height) {
  std::vector<Prior> priors;
  for (std::size_t level = 0; level < info.strides.size(); ++level) {
    const int stride = info.strides[level];
    // The network's feature maps round up where a side is no multiple of the stride.
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

void decode_faces(const LocalizationOutput& output, const std::vector<Prior>& priors,
                  const LocalizationInfo& info, const LetterboxPlan& plan,
                  const DecodeOptions& options, int frame_position, FaceBatch& faces) {
  const float least = logit(options.score_threshold);
  Candidates found;
  for (std::size_t i = 0; i < priors.size(); ++i) {
    if (!(output.scores[i] >= least)) continue;  // NaN goes too
    const Box box = decode_box(priors[i], output.boxes + 4 * i, info.variances);
    const Points5 points = decode_points(priors[i], output.points + 10 * i, info.variances[0]);
    if (!is_finite(box, points)) continue;
    found.boxes.push_back(box);
    found.points.push_back(points);
    found.scores.push_back(1 / (1 + std::exp(-output.scores[i])));
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
