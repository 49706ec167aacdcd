// Greedy non-maximum suppression.
#pragma once

#include <vector>

#include "image/box.h"
#include "mien/types.h"

namespace mien {

// Indices of the boxes kept, by falling score (ties: lower index first), at most `max_kept`. A box
// is dropped if its IoU with a kept one is above `iou_threshold`.
std::vector<int> non_maximum_suppression(const std::vector<Box>& boxes,
                                         const std::vector<float>& scores, float iou_threshold,
                                         int max_kept);

}  // namespace mien
