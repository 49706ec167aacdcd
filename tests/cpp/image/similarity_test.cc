#include "image/similarity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mien {
namespace {

const Points5 kTemplate{{{41, 38}, {71, 38}, {56, 55.2f}, {43.5f, 72.8f}, {68.5f, 72.8f}}};

Points5 moved(const Points5& points, const Similarity& s) {
  Points5 out;
  for (std::size_t i = 0; i < points.size(); ++i) out[i] = apply(s, points[i]);
  return out;
}

TEST(Similarity, RecoversTheTransformOfThePoints) {
  for (double angle = -3; angle < 3.2; angle += 0.5) {
    const Similarity s{static_cast<float>(2.5 * std::cos(angle)),
                       static_cast<float>(2.5 * std::sin(angle)), 300, -20};
    const Similarity fit = fit_similarity(kTemplate, moved(kTemplate, s));
    EXPECT_NEAR(fit.a, s.a, 1e-5);
    EXPECT_NEAR(fit.b, s.b, 1e-5);
    EXPECT_NEAR(fit.tx, s.tx, 1e-3);
    EXPECT_NEAR(fit.ty, s.ty, 1e-3);
    EXPECT_TRUE(is_usable(fit));
  }
}

TEST(Similarity, InvertUndoesApply) {
  const Similarity s{0.3f, -0.7f, 120, 45};
  const Point p = apply(invert(s), apply(s, {17, -3}));
  EXPECT_NEAR(p.x, 17, 1e-3);
  EXPECT_NEAR(p.y, -3, 1e-3);
}

TEST(Similarity, NeverMirrors) {
  Points5 mirrored = kTemplate;
  for (Point& p : mirrored) p.x = 112 - p.x;
  const Similarity s = fit_similarity(kTemplate, mirrored);
  EXPECT_TRUE(std::isfinite(s.a));
  // The best rotation is by 0 or 180 degrees; a Similarity can't express a reflection.
  EXPECT_NEAR(s.b, 0, 0.05);
}

// Moving any parameter of the fit makes the squared error larger.
TEST(Similarity, IsTheLeastSquaresFit) {
  Points5 to = moved(kTemplate, {1.2f, 0.4f, 5, 6});
  to[0].x += 6;
  to[2].y -= 9;
  to[4].x -= 3;
  const auto error = [&](const Similarity& s) {
    double sum = 0;
    for (std::size_t i = 0; i < to.size(); ++i) {
      const Point p = apply(s, kTemplate[i]);
      sum += std::pow(p.x - to[i].x, 2) + std::pow(p.y - to[i].y, 2);
    }
    return sum;
  };
  const Similarity fit = fit_similarity(kTemplate, to);
  for (const float step : {-0.01f, 0.01f}) {
    EXPECT_GT(error({fit.a + step, fit.b, fit.tx, fit.ty}), error(fit));
    EXPECT_GT(error({fit.a, fit.b + step, fit.tx, fit.ty}), error(fit));
    EXPECT_GT(error({fit.a, fit.b, fit.tx + 10 * step, fit.ty}), error(fit));
    EXPECT_GT(error({fit.a, fit.b, fit.tx, fit.ty + 10 * step}), error(fit));
  }
}

TEST(Similarity, CoincidentOrNonFinitePointsAreNotUsable) {
  Points5 same;
  same.fill({5, 5});
  EXPECT_FALSE(is_usable(fit_similarity(same, kTemplate)));
  Points5 broken = kTemplate;
  broken[1].y = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(is_usable(fit_similarity(broken, kTemplate)));
  broken[1].y = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(is_usable(fit_similarity(broken, kTemplate)));
}

}  // namespace
}  // namespace mien
