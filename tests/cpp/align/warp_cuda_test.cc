#ifdef MIEN_HAS_CUDA
#include "align/warp_cuda.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "../device/cuda_device.h"
#include "../image/images.h"
#include "align/warp.h"

namespace mien {
namespace {

class WarpCuda : public test::CudaTest {};

// Faces spread over frames of every layout, some outside their frames, one with an unusable
// transform.
void expect_the_warp_of_the_cpu(int size, int faces) {
  const Normalization normalization{{120, 110, 100}, {1, 1, 1}};  // values stay grey levels
  const std::size_t values = static_cast<std::size_t>(3 * size * size);
  const std::vector<test::Image> images = test::all_layouts(91, 67);
  std::vector<FrameView> views;
  for (const test::Image& p : images) {
    views.push_back(p.view);
    views.back().sar = views.size() % 3 == 0 ? 1 : views.size() % 3 == 1 ? 1.5 : 0.6;
  }
  std::mt19937 random(7);
  std::uniform_real_distribution<double> angle(-3, 3);
  std::uniform_real_distribution<double> scale(0.2, 3);
  std::uniform_real_distribution<float> shift(-60, 100);
  std::vector<int> frame;
  std::vector<Similarity> similarity{{0, 0, 0, 0}};
  frame.push_back(0);
  for (int i = 1; i < faces; ++i) {
    frame.push_back(i % static_cast<int>(views.size()));
    const double a = angle(random);
    const double s = scale(random);
    similarity.push_back({static_cast<float>(s * std::cos(a)), static_cast<float>(s * std::sin(a)),
                          shift(random), shift(random)});
  }
  DeviceFrames frames;
  frames.upload(views);
  const DeviceFloats out(values * frame.size());
  warp_cuda(frames, frame, similarity, size, normalization, 114, out.data());
  const std::vector<float> got = out.download(frames);
  std::vector<float> wanted(values);
  for (std::size_t i = 0; i < frame.size(); ++i) {
    warp(views[static_cast<std::size_t>(frame[i])], similarity[i], size, normalization, 114,
         wanted.data());
    for (std::size_t k = 0; k < values; ++k) {
      ASSERT_NEAR(got[i * values + k], wanted[k], 1e-3) << "face " << i << " value " << k;
    }
  }
}

TEST_F(WarpCuda, EqualsTheCpuInEveryLayout) {
  expect_the_warp_of_the_cpu(112, 150);  // more than go into one launch
}

TEST_F(WarpCuda, CropSidesNeedNotBeMultiplesOfTheBlock) { expect_the_warp_of_the_cpu(37, 20); }

}  // namespace
}  // namespace mien
#endif
