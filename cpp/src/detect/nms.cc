#include "detect/nms.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace mien {

std::vector<int> non_maximum_suppression(const std::vector<Box>& boxes,
                                         const std::vector<float>& scores, float iou_threshold,
                                         int max_kept) {
  std::vector<int> order(boxes.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return scores[a] > scores[b]; });
  std::vector<int> kept;
  for (const int candidate : order) {
    if (static_cast<int>(kept.size()) >= max_kept) break;
    const bool is_new = std::none_of(kept.begin(), kept.end(), [&](int k) {
      return intersection_over_union(boxes[candidate], boxes[k]) > iou_threshold;
    });
    if (is_new) kept.push_back(candidate);
  }
  return kept;
}

}  // namespace mien
