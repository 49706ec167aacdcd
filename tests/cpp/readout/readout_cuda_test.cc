#ifdef MIEN_HAS_CUDA
#include "readout/readout_cuda.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "../device/cuda_device.h"
#include "cuda/device_buffer.h"
#include "cuda/frames.h"
#include "mien/error.h"
#include "readout/columns.h"

namespace mien {
namespace {

class ReadoutCuda : public test::CudaTest {};

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

HeadInfo head(const std::string& name, const std::vector<std::string>& columns,
              Activation activation, float scale = 1, float offset = 0) {
  HeadInfo h;
  h.name = name;
  h.columns = columns;
  h.activation = activation;
  h.scale = scale;
  h.offset = offset;
  return h;
}

BehaviourInfo full_info() {
  std::vector<std::string> landmarks = landmark_columns();
  std::reverse(landmarks.begin(), landmarks.end());  // networks may order columns freely
  BehaviourInfo info;
  info.heads = {head("expression",
                     {"anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"},
                     Activation::kSoftmax),
                head("action_units", {"AU12_R", "AU12_L", "AU25", "AU01_L", "AU01_R"},
                     Activation::kSigmoid, 5),
                head("affect", {"arousal", "valence"}, Activation::kTanh, 0.5f, 0.25f),
                head("landmarks", landmarks, Activation::kIdentity, 112, 56),
                head("pose", {"Yaw", "Pitch", "Roll"}, Activation::kIdentity),
                head("gaze", {"gaze_yaw", "gaze_pitch"}, Activation::kTanh, 1.5f)};
  return info;
}

// Outputs and similarities of some faces.
struct Scene {
  Scene(const BehaviourInfo& info, std::size_t faces, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> value(0, 2);
    std::uniform_real_distribution<float> shift(-500, 500);
    for (const HeadInfo& h : info.heads) {
      std::vector<float>& values = outputs.emplace_back(faces * h.columns.size());
      for (float& v : values) v = value(random);
    }
    for (std::size_t i = 0; i < faces; ++i) {
      similarities.push_back({value(random), value(random), shift(random), shift(random)});
    }
  }
  std::vector<std::vector<float>> outputs;
  std::vector<Similarity> similarities;
};

std::vector<float> read_on_cpu(const Readout& readout, const Scene& scene) {
  const std::size_t columns = readout.columns().size();
  std::vector<float> rows(scene.similarities.size() * columns, kNaN);
  std::vector<TensorView> heads;
  for (const auto& o : scene.outputs) {
    heads.push_back({o.data(), scene.similarities.size(), o.size() / scene.similarities.size()});
  }
  for (std::size_t i = 0; i < scene.similarities.size(); ++i) {
    readout.read(heads, i, scene.similarities[i], rows.data() + i * columns);
  }
  return rows;
}

// Writes to memory that held NaN before.
std::vector<float> read_on_device(const Readout& readout, const Scene& scene) {
  const DeviceFrames frames;
  const cudaStream_t stream = frames.impl().stream().get();
  std::vector<std::unique_ptr<cuda::DeviceBuffer<float>>> outputs;
  std::vector<TensorView> heads;
  for (const auto& o : scene.outputs) {
    outputs.push_back(std::make_unique<cuda::DeviceBuffer<float>>());
    outputs.back()->upload(o.data(), o.size(), stream);
    heads.push_back(
        {outputs.back()->data(), scene.similarities.size(), o.size() / scene.similarities.size()});
  }
  const std::vector<float> before(scene.similarities.size() * readout.columns().size(), kNaN);
  cuda::DeviceBuffer<float> rows;
  rows.upload(before.data(), before.size(), stream);
  DeviceReadout(readout).read(frames, heads, scene.similarities, rows.data());
  std::vector<float> values(before.size());
  rows.download(values.data(), stream);
  frames.synchronize();
  return values;
}

void expect_same(const BehaviourInfo& info, const Scene& scene) {
  const Readout readout(info);
  const std::vector<float> wanted = read_on_cpu(readout, scene);
  const std::vector<float> got = read_on_device(readout, scene);
  ASSERT_EQ(got.size(), wanted.size());
  const std::size_t columns = readout.columns().size();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::string where =
        readout.columns()[i % columns] + " of face " + std::to_string(i / columns);
    if (std::isnan(wanted[i])) {
      EXPECT_TRUE(std::isnan(got[i])) << where;
    } else if (std::isinf(wanted[i])) {
      EXPECT_EQ(got[i], wanted[i]) << where;
    } else {
      EXPECT_NEAR(got[i], wanted[i], 1e-5 * std::max(1.0f, std::abs(wanted[i]))) << where;
    }
  }
}

// More faces than fit into one launch.
TEST_F(ReadoutCuda, EqualsTheCpu) {
  for (const std::size_t faces : {1, 7, 300}) {
    expect_same(full_info(), Scene(full_info(), faces, static_cast<unsigned>(faces)));
  }
}

TEST_F(ReadoutCuda, MissingHeadsAreLeftOut) {
  const BehaviourInfo full = full_info();
  for (std::size_t h = 0; h < full.heads.size(); ++h) {
    BehaviourInfo one = full;
    one.heads = {full.heads[h]};
    expect_same(one, Scene(one, 3, 1));
    BehaviourInfo others = full;
    others.heads.erase(others.heads.begin() + static_cast<std::ptrdiff_t>(h));
    expect_same(others, Scene(others, 3, 2));
  }
}

TEST_F(ReadoutCuda, ExtremeAndNonFiniteValuesEqualThoseOfTheCpu) {
  Scene scene(full_info(), 6, 5);
  scene.similarities[0] = {0, 0, 0, 0};  // no scale: landmarks are not finite
  scene.similarities[1] = {-1, 0, 0, 0};
  for (auto& outputs : scene.outputs) {
    const std::size_t columns = outputs.size() / 6;
    std::fill_n(outputs.begin() + static_cast<std::ptrdiff_t>(2 * columns), columns, kNaN);
    std::fill_n(outputs.begin() + static_cast<std::ptrdiff_t>(3 * columns), columns, 1000.0f);
    std::fill_n(outputs.begin() + static_cast<std::ptrdiff_t>(4 * columns), columns, -1000.0f);
    outputs[5 * columns] = kInfinity;
    outputs[5 * columns + 1] = kNaN;
  }
  expect_same(full_info(), scene);
}

TEST_F(ReadoutCuda, OutputsThatDoNotFitAreErrors) {
  const Readout readout(full_info());
  Scene scene(full_info(), 2, 6);
  EXPECT_NO_THROW(read_on_device(readout, scene));
  scene.similarities.push_back({});
  EXPECT_THROW(read_on_device(readout, scene), PackError);
  scene.similarities.resize(2);
  scene.outputs.pop_back();
  EXPECT_THROW(read_on_device(readout, scene), PackError);
}

}  // namespace
}  // namespace mien
#endif
