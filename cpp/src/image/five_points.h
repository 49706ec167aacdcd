// How far apart two sets of a face's five points are.
#pragma once

#include "mien/types.h"

namespace mien {

// Mean distance of the points of `b` from those of `a`, in sizes of the face by `a`: the distance
// between its eyes, or that from between the eyes to the middle of the mouth where it is longer (a
// face in profile has its eyes close together). Infinite if `a` has no size, NaN if a point is not
// finite.
float distance_in_faces(const Points5& a, const Points5& b);

// Whether `landmarks`, five points computed from the 68, contradict those of the detector: more
// than 0.35 apart. Of 1,542 upright faces (LFW, two videos) 99.5 % are less than 0.19 apart, and
// one is beyond. Also true where that can't be said.
bool contradict(const Points5& detected, const Points5& landmarks);

}  // namespace mien
