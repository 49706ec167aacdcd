#ifdef MIEN_HAS_CUDA
#include "detect/letterbox_cuda.h"

#include <gtest/gtest.h>

#include <numeric>
#include <tuple>

#include "../device/cuda_device.h"
#include "../image/images.h"

namespace mien {
namespace {

class LetterboxCuda : public test::CudaTest {};

TEST_F(LetterboxCuda, EqualsTheCpuInEveryLayout) {
  const Normalization normalization{{120, 110, 100}, {1, 1, 1}};  // values stay grey levels
  // The sides of the last network input are not multiples of the block.
  for (const auto& [width, height, multiple] :
       {std::tuple{64, 36, 32}, std::tuple{65, 37, 32}, std::tuple{30, 50, 32},
        std::tuple{1, 1, 32}, std::tuple{51, 80, 7}}) {
    const LetterboxPlan plan = plan_letterbox(width, height, 64, multiple);
    const std::size_t values = static_cast<std::size_t>(3 * plan.width * plan.height);
    const std::vector<test::Image> images = test::all_layouts(width, height);
    std::vector<FrameView> views;
    for (const test::Image& p : images) views.push_back(p.view);
    DeviceFrames frames;
    frames.upload(views);
    const DeviceFloats out(values * views.size());
    std::vector<int> positions(views.size());  // in reverse, to test that they are used
    std::iota(positions.rbegin(), positions.rend(), 0);
    letterbox_cuda(frames, positions, plan, normalization, 114, out.data());
    const std::vector<float> got = out.download(frames);
    std::vector<float> wanted(values);
    for (std::size_t i = 0; i < views.size(); ++i) {
      letterbox(views[static_cast<std::size_t>(positions[i])], plan, normalization, 114,
                wanted.data());
      for (std::size_t k = 0; k < values; ++k) {
        ASSERT_NEAR(got[i * values + k], wanted[k], 1e-3)
            << images[static_cast<std::size_t>(positions[i])].name << " value " << k;
      }
    }
  }
}

}  // namespace
}  // namespace mien
#endif
