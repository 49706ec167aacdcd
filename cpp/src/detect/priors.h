// Prior boxes, and decoding of the detector's outputs (RetinaFace, Deng et al. 2020).
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

std::vector<Prior> make_priors(const DetectorInfo& info, int width, int height);

// The detector's outputs for one frame and its P priors: logits (P), offsets of boxes (P, 4) and of
// points (P, 10).
struct DetectorOutput {
  const float* scores;
  const float* boxes;
  const float* points;
};

struct DecodeOptions {
  float score_threshold;
  float nms_iou;
  int max_faces;
};

// Decodes the priors whose probability (sigmoid) reaches the threshold, suppresses overlaps, maps
// the remaining faces to frame pixels and appends them to `faces` with `frame_position`, best score
// first. Boxes may reach beyond the frame; faces with a box or point that is not finite are
// dropped.
void decode_faces(const DetectorOutput& output, const std::vector<Prior>& priors,
                  const DetectorInfo& info, const LetterboxPlan& plan, const DecodeOptions& options,
                  int frame_position, FaceBatch& faces);

}  // namespace mien
