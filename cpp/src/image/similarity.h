// The similarity transform that maps five points onto a template.
#pragma once

#include "mien/types.h"

namespace mien {

// Least-squares rotation, scale and translation from -> to (Umeyama 1991, without reflection). If
// all points of `from` coincide, the scale is 0, and is_usable() is false.
Similarity fit_similarity(const Points5& from, const Points5& to);
Similarity invert(const Similarity& s);
Point apply(const Similarity& s, Point p);
bool is_usable(const Similarity& s);  // finite, scale > 1e-6

}  // namespace mien
