// The similarity transform that brings five points onto a template.
#pragma once

#include "mien/types.h"

namespace mien {

// Least-squares rotation, scale and translation from -> to (Umeyama 1991, without reflection). If
// all points of `from` coincide the scale is 0: `is_usable` tells.
Similarity fit_similarity(const Points5& from, const Points5& to);
Similarity invert(const Similarity& s);
Point apply(const Similarity& s, Point p);
bool is_usable(const Similarity& s);  // finite, scale > 1e-6

}  // namespace mien
