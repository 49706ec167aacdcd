#include "image/similarity.h"

#include <cmath>

namespace mien {

// In the plane and without reflection, Umeyama's SVD has a closed form: with centred points f and
// t, (a, b) = (sum f.t, sum f x t) / sum |f|^2.
Similarity fit_similarity(const Points5& from, const Points5& to) {
  double from_x = 0, from_y = 0, to_x = 0, to_y = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    from_x += from[i].x;
    from_y += from[i].y;
    to_x += to[i].x;
    to_y += to[i].y;
  }
  const double n = static_cast<double>(from.size());
  from_x /= n;
  from_y /= n;
  to_x /= n;
  to_y /= n;
  double along = 0, across = 0, spread = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double fx = from[i].x - from_x;
    const double fy = from[i].y - from_y;
    const double tx = to[i].x - to_x;
    const double ty = to[i].y - to_y;
    along += fx * tx + fy * ty;
    across += fx * ty - fy * tx;
    spread += fx * fx + fy * fy;
  }
  const double a = spread > 0 ? along / spread : 0;
  const double b = spread > 0 ? across / spread : 0;
  return {static_cast<float>(a), static_cast<float>(b),
          static_cast<float>(to_x - (a * from_x - b * from_y)),
          static_cast<float>(to_y - (b * from_x + a * from_y))};
}

Similarity invert(const Similarity& s) {
  const double a = s.a;
  const double b = s.b;
  const double scale2 = a * a + b * b;
  const double ia = a / scale2;
  const double ib = -b / scale2;
  return {static_cast<float>(ia), static_cast<float>(ib), static_cast<float>(ib * s.ty - ia * s.tx),
          static_cast<float>(-ib * s.tx - ia * s.ty)};
}

Point apply(const Similarity& s, Point p) {
  const double x = p.x;
  const double y = p.y;
  return {static_cast<float>(s.a * x - s.b * y + s.tx),
          static_cast<float>(s.b * x + s.a * y + s.ty)};
}

bool is_usable(const Similarity& s) {
  return std::isfinite(s.a) && std::isfinite(s.b) && std::isfinite(s.tx) && std::isfinite(s.ty) &&
         std::hypot(s.a, s.b) > 1e-6f;
}

}  // namespace mien
