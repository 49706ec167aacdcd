// Faces of the same frames, looked for at several input sizes, as one list.
#pragma once

#include <vector>

#include "mien/data.h"

namespace mien {

// Appends to `merged`, frame by frame, the faces of `looks` (each ordered by frame) after
// non-maximum suppression across them: best score first, at most `max_faces` a frame. Of equal
// scores the earlier look's face is kept.
void merge_faces(const std::vector<FaceBatch>& looks, float max_iou, int max_faces,
                 FaceBatch& merged);

}  // namespace mien
