// Prior boxes and decoding of the localization network's outputs (RetinaFace, Deng et al. 2020).
#pragma once

#include <vector>

#include "detect/letterbox.h"
#include "mien/data.h"
#include "mien/pack.h"

namespace mien {

// Square priors in network pixels, edge-based coordinates, ordered by stride, row, column, size.
struct Prior {
  float cx;
  float cy;
  float side;
};

std::vector<Prior> make_priors(const LocalizationInfo& info, int width, int height);

// One frame's network outputs: logits (P), boxes (P, 4) as offsets, points (P, 10) as offsets.
struct LocalizationOutput {
  const float* scores;
  const float* boxes;
  const float* points;
};

struct DecodeOptions {
  float score_threshold;
  float nms_iou;
  int max_faces;
};

// Decodes priors whose probability (sigmoid) reaches the threshold, suppresses overlaps, maps what
// is left to frame pixels and appends it to `faces` under `frame_position`, best score first. Boxes
// may reach beyond the frame; boxes or points that are not finite are dropped.
void decode_faces(const LocalizationOutput& output, const std::vector<Prior>& priors,
                  const LocalizationInfo& info, const LetterboxPlan& plan,
                  const DecodeOptions& options, int frame_position, FaceBatch& faces);

}  // namespace mien
