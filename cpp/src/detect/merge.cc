#include "detect/merge.h"

#include <cstddef>
#include <set>

#include "detect/nms.h"

namespace mien {

void merge_faces(const std::vector<FaceBatch>& looks, float max_iou, int max_faces,
                 FaceBatch& merged) {
  std::set<int> frames;
  FaceBatch all;
  for (const FaceBatch& look : looks) {
    frames.insert(look.frame.begin(), look.frame.end());
    all.append(look);
  }
  for (const int frame : frames) {
    std::vector<std::size_t> found;
    std::vector<Box> boxes;
    std::vector<float> scores;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all.frame[i] != frame) continue;
      found.push_back(i);
      boxes.push_back(all.box[i]);
      scores.push_back(all.score[i]);
    }
    for (const int k : non_maximum_suppression(boxes, scores, max_iou, max_faces)) {
      merged.add(all, found[static_cast<std::size_t>(k)]);
    }
  }
}

}  // namespace mien
