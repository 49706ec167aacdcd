#ifdef MIEN_HAS_CUDA
#include "detect/decode_cuda.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "../device/cuda_device.h"
#include "cuda/device_buffer.h"
#include "cuda/frames.h"
#include "synthetic_network.h"

namespace mien {
namespace {

class DecodeCuda : public test::CudaTest {};

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Outputs of some frames: no prior reaches any threshold until set.
struct Outputs {
  explicit Outputs(std::size_t frames_)
      : priors(make_priors(test::two_levels(), test::kPlan.width, test::kPlan.height)),
        frames(frames_),
        scores(frames * priors.size(), -20.0f),
        boxes(4 * scores.size()),
        points(10 * scores.size()) {}

  static Outputs random(std::size_t frames, double mean_logit, std::mt19937& random) {
    Outputs outputs(frames);
    std::normal_distribution<double> logit(mean_logit, 3);
    std::normal_distribution<double> offset(0, 1);
    for (float& v : outputs.scores) v = static_cast<float>(logit(random));
    for (float& v : outputs.boxes) v = static_cast<float>(offset(random));
    for (float& v : outputs.points) v = static_cast<float>(offset(random));
    return outputs;
  }

  float& score(std::size_t frame, std::size_t prior) {
    return scores[frame * priors.size() + prior];
  }
  float* box(std::size_t frame, std::size_t prior) {
    return boxes.data() + 4 * (frame * priors.size() + prior);
  }
  float* point(std::size_t frame, std::size_t prior) {
    return points.data() + 10 * (frame * priors.size() + prior);
  }

  std::vector<Prior> priors;
  std::size_t frames;
  std::vector<float> scores, boxes, points;
};

std::vector<int> positions_of(const Outputs& outputs) {
  std::vector<int> positions;
  for (std::size_t f = 0; f < outputs.frames; ++f) positions.push_back(3 + 2 * static_cast<int>(f));
  return positions;
}

FaceBatch decode_on_cpu(const Outputs& outputs, const DecodeOptions& options) {
  FaceBatch faces;
  const std::vector<int> positions = positions_of(outputs);
  for (std::size_t f = 0; f < outputs.frames; ++f) {
    const std::size_t first = f * outputs.priors.size();
    decode_faces({outputs.scores.data() + first, outputs.boxes.data() + 4 * first,
                  outputs.points.data() + 10 * first},
                 outputs.priors, test::two_levels(), test::kPlan, options, positions[f], faces);
  }
  return faces;
}

FaceBatch decode_on_device(const Outputs& outputs, const DecodeOptions& options,
                           DeviceDecoder& decoder) {
  const DeviceFrames frames;
  const cudaStream_t stream = frames.impl().stream().get();
  cuda::DeviceBuffer<float> scores, boxes, points;
  scores.upload(outputs.scores.data(), outputs.scores.size(), stream);
  boxes.upload(outputs.boxes.data(), outputs.boxes.size(), stream);
  points.upload(outputs.points.data(), outputs.points.size(), stream);
  FaceBatch faces;
  decoder.decode(frames, {scores.data(), boxes.data(), points.data()}, test::kPlan, options,
                 positions_of(outputs), faces);
  return faces;
}

FaceBatch decode_on_device(const Outputs& outputs, const DecodeOptions& options) {
  DeviceDecoder decoder(test::two_levels(), test::kPlan.width, test::kPlan.height);
  return decode_on_device(outputs, options, decoder);
}

void expect_near(float got, float wanted) {
  EXPECT_NEAR(got, wanted, 1e-5 * std::max(1.0f, std::abs(wanted)));
}

void expect_same(const FaceBatch& got, const FaceBatch& wanted) {
  ASSERT_EQ(got.frame, wanted.frame);
  EXPECT_EQ(got.track, wanted.track);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    SCOPED_TRACE("face " + std::to_string(i));
    expect_near(got.score[i], wanted.score[i]);
    expect_near(got.box[i].x, wanted.box[i].x);
    expect_near(got.box[i].y, wanted.box[i].y);
    expect_near(got.box[i].width, wanted.box[i].width);
    expect_near(got.box[i].height, wanted.box[i].height);
    for (std::size_t k = 0; k < 5; ++k) {
      expect_near(got.points[i][k].x, wanted.points[i][k].x);
      expect_near(got.points[i][k].y, wanted.points[i][k].y);
    }
  }
}

TEST_F(DecodeCuda, EqualsTheCpu) {
  std::mt19937 random(3);
  DeviceDecoder decoder(test::two_levels(), test::kPlan.width,
                        test::kPlan.height);  // the memory grows and is reused
  std::size_t faces = 0;
  for (const double mean_logit : {-9.0, -3.0, 0.0, 5.0}) {
    for (const std::size_t frames : {1, 5, 2}) {
      const Outputs outputs = Outputs::random(frames, mean_logit, random);
      for (const float iou : {0.0f, 0.3f, 0.9f}) {
        for (const int most : {1, 3, 1000000}) {
          const DecodeOptions options{0.4f, iou, most};
          const FaceBatch wanted = decode_on_cpu(outputs, options);
          expect_same(decode_on_device(outputs, options, decoder), wanted);
          faces += wanted.size();
        }
      }
    }
  }
  EXPECT_GT(faces, 1000u);
}

TEST_F(DecodeCuda, NoCandidatesGiveNoFaces) {
  EXPECT_EQ(decode_on_device(Outputs(3), {0.5f, 0.4f, 10}).size(), 0u);
  EXPECT_EQ(decode_on_device(Outputs(0), {0.5f, 0.4f, 10}).size(), 0u);
}

TEST_F(DecodeCuda, FramesWithoutFacesDontAffectOthers) {
  Outputs outputs(4);
  outputs.score(1, 64) = 2;
  outputs.score(3, 0) = 3;
  outputs.score(3, 48) = 4;
  const FaceBatch faces = decode_on_device(outputs, {0.5f, 0.4f, 10});
  EXPECT_EQ(faces.frame, (std::vector<int>{5, 9, 9}));
  expect_same(faces, decode_on_cpu(outputs, {0.5f, 0.4f, 10}));
}

// Equal logits, and different logits that round to the same probability.
TEST_F(DecodeCuda, TiesGoToTheFirstPrior) {
  Outputs outputs(2);
  for (std::size_t p = 0; p < outputs.priors.size(); ++p) {
    outputs.score(0, p) = 1;
    outputs.score(1, p) = 30.0f + static_cast<float>(p);
  }
  for (const float iou : {0.1f, 1.0f}) {
    const DecodeOptions options{0.5f, iou, 1000};
    const FaceBatch wanted = decode_on_cpu(outputs, options);
    EXPECT_FLOAT_EQ(wanted.box[0].width, 2 * 16);  // of the very first prior
    expect_same(decode_on_device(outputs, options), wanted);
  }
}

TEST_F(DecodeCuda, ThresholdsZeroAndOneKeepAllOrNothing) {
  std::mt19937 random(4);
  Outputs outputs = Outputs::random(2, 0, random);
  outputs.score(0, 7) = -kInfinity;
  outputs.score(0, 8) = kInfinity;
  for (const float threshold : {0.0f, 1.0f}) {
    const DecodeOptions options{threshold, 1.0f, 1000};
    expect_same(decode_on_device(outputs, options), decode_on_cpu(outputs, options));
  }
}

TEST_F(DecodeCuda, NonFiniteFacesAreDroppedAndSuppressNothing) {
  Outputs outputs(1);
  outputs.score(0, 0) = kNaN;
  outputs.score(0, 2) = 5;
  outputs.box(0, 2)[0] = kNaN;
  outputs.score(0, 4) = 5;
  outputs.box(0, 4)[2] = 1e6f;  // exp overflows
  outputs.score(0, 6) = 5;
  outputs.point(0, 6)[9] = kInfinity;
  outputs.score(0, 8) = 1;
  outputs.score(0, 64) = 2;
  outputs.box(0, 64)[3] = -1e6f;  // a box without height
  const DecodeOptions options{0.5f, 0.4f, 10};
  const FaceBatch faces = decode_on_device(outputs, options);
  EXPECT_EQ(faces.size(), 2u);
  expect_same(faces, decode_on_cpu(outputs, options));
}

}  // namespace
}  // namespace mien
#endif
