#ifdef MIEN_HAS_CUDA
#include "align/warp_cuda.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "../core/cuda_device.h"
#include "../core/pictures.h"
#include "align/warp.h"

namespace mien {
namespace {

class WarpCuda : public test::CudaTest {};

// More faces than go into one launch, spread over frames of every layout, some off their frames,
// one without a usable transform.
TEST_F(WarpCuda, IsTheWarpOfTheCpuInEveryLayout) {
  const Normalization normalization{{120, 110, 100}, {1, 1, 1}};  // values stay grey levels
  constexpr int kSize = 112;
  constexpr std::size_t kValues = 3 * kSize * kSize;
  const std::vector<test::Picture> pictures = test::all_layouts(91, 67);
  std::vector<FrameView> views;
  for (const test::Picture& p : pictures) views.push_back(p.view);
  std::mt19937 random(7);
  std::uniform_real_distribution<double> angle(-3, 3);
  std::uniform_real_distribution<double> scale(0.2, 3);
  std::uniform_real_distribution<float> shift(-60, 100);
  std::vector<int> frame;
  std::vector<Similarity> similarity{{0, 0, 0, 0}};
  frame.push_back(0);
  for (int i = 1; i < 150; ++i) {
    frame.push_back(i % static_cast<int>(views.size()));
    const double a = angle(random);
    const double s = scale(random);
    similarity.push_back({static_cast<float>(s * std::cos(a)), static_cast<float>(s * std::sin(a)),
                          shift(random), shift(random)});
  }
  DeviceFrames frames;
  frames.upload(views);
  const DeviceFloats out(kValues * frame.size());
  warp_cuda(frames, frame, similarity, kSize, normalization, 114, out.data());
  const std::vector<float> got = out.download(frames);
  std::vector<float> wanted(kValues);
  for (std::size_t i = 0; i < frame.size(); ++i) {
    warp(views[static_cast<std::size_t>(frame[i])], similarity[i], kSize, normalization, 114,
         wanted.data());
    for (std::size_t k = 0; k < kValues; ++k) {
      ASSERT_NEAR(got[i * kValues + k], wanted[k], 1e-3) << "face " << i << " value " << k;
    }
  }
}

}  // namespace
}  // namespace mien
#endif
