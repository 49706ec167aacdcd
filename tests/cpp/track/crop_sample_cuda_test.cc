#ifdef MIEN_HAS_CUDA
#include "track/crop_sample_cuda.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "../device/cuda_device.h"
#include "cuda/device_buffer.h"
#include "cuda/frames.h"

namespace mien {
namespace {

class CropSampleCuda : public test::CudaTest {};

TEST_F(CropSampleCuda, GivesTheSamplesOfTheCpu) {
  for (const auto& [size, count] :
       {std::pair{112, 5}, std::pair{14, 1}, std::pair{5, 3}, std::pair{15, 0}}) {
    const std::size_t crop = static_cast<std::size_t>(3 * size * size);
    const std::size_t faces = static_cast<std::size_t>(count);
    std::vector<float> crops(faces * crop);
    std::iota(crops.begin(), crops.end(), 0.0f);
    const DeviceFrames frames;
    cuda::DeviceBuffer<float> on_device;
    on_device.upload(crops.data(), crops.size(), frames.impl().stream().get());
    const DeviceFloats samples(faces * CropSample().size());
    sample_crops_cuda(frames, on_device.data(), faces, size, samples.data());
    const std::vector<float> got = samples.download(frames);
    for (std::size_t i = 0; i < faces; ++i) {
      const CropSample wanted = sample_crop(crops.data() + i * crop, size);
      EXPECT_TRUE(std::equal(wanted.begin(), wanted.end(), got.begin() + i * wanted.size()))
          << size << ", crop " << i;
    }
  }
}

}  // namespace
}  // namespace mien
#endif
