#ifdef MIEN_HAS_CUDA
#include "detect/letterbox_cuda.h"

#include <gtest/gtest.h>

#include "../core/cuda_device.h"
#include "../core/pictures.h"

namespace mien {
namespace {

class LetterboxCuda : public test::CudaTest {};

TEST_F(LetterboxCuda, IsTheLetterboxOfTheCpuInEveryLayout) {
  const Normalization normalization{{120, 110, 100}, {1, 1, 1}};  // values stay grey levels
  for (const auto& [width, height] :
       {std::pair{64, 36}, std::pair{65, 37}, std::pair{30, 50}, std::pair{1, 1}}) {
    const LetterboxPlan plan = plan_letterbox(width, height, 64, 32);
    const std::size_t values = static_cast<std::size_t>(3 * plan.width * plan.height);
    const std::vector<test::Picture> pictures = test::all_layouts(width, height);
    std::vector<FrameView> views;
    for (const test::Picture& p : pictures) views.push_back(p.view);
    DeviceFrames frames;
    frames.upload(views);
    const DeviceFloats out(values * views.size());
    letterbox_cuda(frames, plan, normalization, 114, out.data());
    const std::vector<float> got = out.download(frames);
    std::vector<float> wanted(values);
    for (std::size_t i = 0; i < views.size(); ++i) {
      letterbox(views[i], plan, normalization, 114, wanted.data());
      for (std::size_t k = 0; k < values; ++k) {
        ASSERT_NEAR(got[i * values + k], wanted[k], 1e-3) << pictures[i].name << " value " << k;
      }
    }
  }
}

}  // namespace
}  // namespace mien
#endif
