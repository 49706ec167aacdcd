// Note [Turned faces]: the detector was trained on faces whose roll is small. It finds sideways
// faces and those upside down too, with a lower score, but gives them the points of an upright
// face, which the behaviour network then follows: box, points and landmarks agree, and all are
// wrong. So below DetectorInfo::upright_score the detector looks at the face again, in patches
// turned by 0, 90, 180 and 270 degrees, in one of which it is within 45 degrees of upright; the
// first is mostly enough.
#pragma once

#include <array>

#include "mien/data.h"
#include "mien/types.h"

namespace mien {

constexpr int kTurns = 4;

// What the detector says of a face in one turned patch.
struct TurnedView {
  float score = 0;   // 0: it found none
  Points5 points{};  // frame pixels
};

// From the frame to a patch of this side in which the box, turned by `turn` quarters about its
// centre, lies in the middle and takes up about half.
Similarity turned_patch(const Box& box, int turn, int side);

// The best face in the middle of a patch, of those `found` there (patch pixels).
TurnedView best_in_patch(const FaceBatch& found, int patch, const Similarity& frame_to_patch,
                         int side);

// Whether the view that isn't turned shows so well what `points` say that no other need be looked
// at: 17 % of upright faces are below that, and of faces found wrongly none is above it.
bool is_clear(const Points5& points, const TurnedView& view);

// The points to align the face by, and whether they can be trusted.
struct SettledPoints {
  Points5 points{};
  Status status = Status::kOk;
};

// `points` are kept where the best view agrees with them. Where it doesn't and its score clearly
// leads that of the view that isn't turned, its own points are taken; where they contradict
// `points` without such a lead, the status is kLowQuality. Views that all show no face say nothing.
SettledPoints settle(const Points5& points, const std::array<TurnedView, kTurns>& views);

}  // namespace mien
