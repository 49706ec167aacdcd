#include "readout/readout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "image/similarity.h"
#include "mien/error.h"
#include "readout/columns.h"

namespace mien {
namespace {

constexpr double kPi = std::numbers::pi;

HeadInfo head(const std::string& name, const std::vector<std::string>& columns,
              Activation activation = Activation::kIdentity) {
  HeadInfo h;
  h.name = name;
  h.columns = columns;
  h.activation = activation;
  return h;
}

const std::vector<std::string> kEmotions{"anger",   "disgust",  "fear",   "happiness",
                                         "sadness", "surprise", "neutral"};

BehaviourInfo full_info() {
  BehaviourInfo info;
  info.heads = {
      head("expression", kEmotions, Activation::kSoftmax),
      head("action_units", {"AU12_R", "AU12_L", "AU25", "AU01_L", "AU01_R"}, Activation::kSigmoid),
      head("affect", {"arousal", "valence"}, Activation::kTanh),
      head("landmarks", landmark_columns()),
      head("pose", {"Pitch", "Roll", "Yaw"}),
      head("gaze", {"gaze_pitch", "gaze_yaw"})};
  return info;
}

// One face, its similarity and one row of outputs per head, all zeros until set.
struct Scene {
  explicit Scene(const BehaviourInfo& info) : readout(info), outputs(info.heads.size()) {
    for (std::size_t h = 0; h < info.heads.size(); ++h) {
      outputs[h].resize(info.heads[h].columns.size());
    }
    frame.index = 5;
    frame.time = 0.2;
    frame.view.width = 640;
    frame.view.height = 360;
    add_face({10, 20, 30, 40}, 0.75f, {});
  }
  void add_face(const Box& box, float score, const Similarity& similarity) {
    faces.add(0, box, score, {});
    faces.track.back() = 3 + static_cast<int>(faces.size());
    crops.frame_to_crop.push_back(similarity);
  }
  ResultBatch run(std::size_t begin, std::size_t end) {
    std::vector<TensorView> views;
    for (const auto& o : outputs) views.push_back({o.data(), o.size() / width(o), width(o)});
    ResultBatch results;
    std::vector<float> finished(faces.size() * readout.columns().size());
    for (std::size_t f = begin; f < end; ++f) {
      readout.read(views, f, crops.frame_to_crop[f],
                   finished.data() + f * readout.columns().size());
    }
    readout.append(frame, faces, begin, end, finished.data(), results);
    return results;
  }
  std::size_t width(const std::vector<float>& o) const { return o.size() / rows; }
  // The value of the first row.
  float operator()(const std::string& column) {
    const ResultBatch results = run(0, 1);
    const auto& names = readout.columns();
    const auto at = std::find(names.begin(), names.end(), column);
    EXPECT_NE(at, names.end()) << column;
    return results.values[static_cast<std::size_t>(at - names.begin())];
  }

  Readout readout;
  std::vector<std::vector<float>> outputs;
  std::size_t rows = 1;
  Frame frame;
  FaceBatch faces;
  CropBatch crops;
};

enum Heads { kExpression, kUnits, kAffect, kLandmarkHead, kPose, kGaze };

Similarity turned(double scale, double angle, float tx, float ty) {
  return {static_cast<float>(scale * std::cos(angle)), static_cast<float>(scale * std::sin(angle)),
          tx, ty};
}

TEST(Readout, ColumnsAreInTableOrderForAnyOrderOfHeads) {
  const std::vector<std::string> names = Readout(full_info()).columns();
  std::vector<std::string> wanted{"FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight",
                                  "FaceScore"};
  for (int i = 0; i < 68; ++i) wanted.push_back("x_" + std::to_string(i));
  for (int i = 0; i < 68; ++i) wanted.push_back("y_" + std::to_string(i));
  for (const char* name :
       {"Pitch", "Roll", "Yaw", "AU01", "AU12", "AU25", "AU01_L", "AU01_R", "AU12_L", "AU12_R"}) {
    wanted.push_back(name);
  }
  wanted.insert(wanted.end(), kEmotions.begin(), kEmotions.end());
  for (const char* name :
       {"valence", "arousal", "gaze_pitch", "gaze_yaw", "FrameHeight", "FrameWidth"}) {
    wanted.push_back(name);
  }
  EXPECT_EQ(names, wanted);
}

TEST(Readout, ColumnsOfMissingHeadsAreLeftOut) {
  BehaviourInfo info;
  info.heads = {head("pose", {"Yaw", "Pitch", "Roll"})};
  EXPECT_EQ(
      Readout(info).columns(),
      (std::vector<std::string>{"FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight",
                                "FaceScore", "Pitch", "Roll", "Yaw", "FrameHeight", "FrameWidth"}));
}

TEST(Readout, RowsContainTheFaceAndTheFrame) {
  Scene scene(full_info());
  const ResultBatch results = scene.run(0, 1);
  EXPECT_EQ(results.columns, scene.readout.columns().size());
  EXPECT_EQ(results.values.size(), results.columns);
  EXPECT_EQ(results.frame, (std::vector<std::int64_t>{5}));
  EXPECT_EQ(results.time, (std::vector<double>{0.2}));
  EXPECT_EQ(results.face, (std::vector<std::int32_t>{0}));
  EXPECT_EQ(results.track, (std::vector<std::int32_t>{4}));
  EXPECT_EQ(results.status, (std::vector<Status>{Status::kOk}));
  EXPECT_EQ(scene("FaceRectX"), 10);
  EXPECT_EQ(scene("FaceRectHeight"), 40);
  EXPECT_EQ(scene("FaceScore"), 0.75f);
  EXPECT_EQ(scene("FrameHeight"), 360);
  EXPECT_EQ(scene("FrameWidth"), 640);
}

TEST(Readout, AppliesActivationScaleAndOffset) {
  BehaviourInfo info = full_info();
  info.heads[kAffect].scale = 0.5f;
  info.heads[kAffect].offset = 0.25f;
  Scene scene(info);
  scene.outputs[kExpression] = {0, 0, 0, 2, 0, 0, 1000};
  EXPECT_FLOAT_EQ(scene("neutral"), 1);  // no overflow
  EXPECT_FLOAT_EQ(scene("anger"), 0);
  scene.outputs[kExpression] = {0, 0, 0, 2, 0, 0, 0};
  EXPECT_NEAR(scene("happiness"), std::exp(2) / (std::exp(2) + 6), 1e-6);
  scene.outputs[kAffect] = {1, -2};
  EXPECT_NEAR(scene("arousal"), 0.5 * std::tanh(1) + 0.25, 1e-6);
  EXPECT_NEAR(scene("valence"), 0.5 * std::tanh(-2) + 0.25, 1e-6);
  scene.outputs[kUnits] = {0, 0, 3, 0, 0};
  EXPECT_NEAR(scene("AU25"), 1 / (1 + std::exp(-3)), 1e-6);
}

TEST(Readout, AWholeUnitIsTheStrongerOfItsSides) {
  Scene scene(full_info());
  scene.outputs[kUnits] = {-1, 2, 0, 1, -3};  // AU12_R, AU12_L, AU25, AU01_L, AU01_R
  EXPECT_EQ(scene("AU12"), scene("AU12_L"));
  EXPECT_GT(scene("AU12_L"), scene("AU12_R"));
  EXPECT_EQ(scene("AU01"), scene("AU01_L"));
  EXPECT_NEAR(scene("AU12_R"), 1 / (1 + std::exp(1)), 1e-6);
}

TEST(Readout, LandmarksAreInFramePixels) {
  Scene scene(full_info());
  const Similarity s = turned(0.4, 0.7, -30, 12);
  scene.crops.frame_to_crop[0] = s;
  const double x = 210, y = 95;  // frame pixels
  scene.outputs[kLandmarkHead][7] = static_cast<float>(s.a * x - s.b * y + s.tx);
  scene.outputs[kLandmarkHead][68 + 7] = static_cast<float>(s.b * x + s.a * y + s.ty);
  EXPECT_NEAR(scene("x_7"), x, 1e-3);
  EXPECT_NEAR(scene("y_7"), y, 1e-3);
}

// An upright face in an image that is then turned anticlockwise (its top goes to small x, the
// subject's right) gets a crop similarity that turns clockwise, and a positive Roll of that angle.
TEST(Readout, ATurnedImageChangesRollButNotPitchAndYaw) {
  Scene scene(full_info());
  scene.outputs[kPose] = {0.1f, 0.2f, -0.3f};
  const double angle = 0.5;
  // Where the top of the head goes: crop up (0, -1) is frame up-left.
  const Similarity s = turned(1, angle, 0, 0);
  const double frame_x = s.a * 0 + s.b * -1;  // the inverse, applied to (0, -1)
  EXPECT_LT(frame_x, 0);
  scene.crops.frame_to_crop[0] = s;
  EXPECT_NEAR(scene("Pitch"), 0.1, 1e-6);
  EXPECT_NEAR(scene("Roll"), 0.2 + angle, 1e-6);
  EXPECT_NEAR(scene("Yaw"), -0.3, 1e-6);
}

// From five points to Roll: the subject tilts towards its right shoulder, so the eye at the
// viewer's left moves down (larger y) and the other up.
TEST(Readout, AHeadTiltedToItsRightHasPositiveRoll) {
  const Points5 upright{{{41, 38}, {71, 38}, {56, 55.2f}, {43.5f, 72.8f}, {68.5f, 72.8f}}};
  const double tilt = 0.3;
  Points5 tilted;
  for (std::size_t i = 0; i < upright.size(); ++i) {
    const double x = upright[i].x - 56, y = upright[i].y - 55;
    tilted[i] = {static_cast<float>(200 + std::cos(tilt) * x + std::sin(tilt) * y),
                 static_cast<float>(150 - std::sin(tilt) * x + std::cos(tilt) * y)};
  }
  ASSERT_GT(tilted[0].y, tilted[1].y);
  Scene scene(full_info());
  scene.crops.frame_to_crop[0] = fit_similarity(tilted, upright);
  EXPECT_NEAR(scene("Roll"), tilt, 1e-5);
}

TEST(Readout, RollStaysWithinHalfATurn) {
  Scene scene(full_info());
  scene.outputs[kPose] = {0, 1, 0};
  scene.crops.frame_to_crop[0] = turned(1, 3, 0, 0);
  EXPECT_NEAR(scene("Roll"), 4 - 2 * kPi, 1e-6);
  scene.outputs[kPose] = {0, -1, 0};
  scene.crops.frame_to_crop[0] = turned(1, -3, 0, 0);
  EXPECT_NEAR(scene("Roll"), 2 * kPi - 4, 1e-6);
}

TEST(Readout, GazeTurnsWithTheImage) {
  Scene scene(full_info());
  scene.outputs[kGaze] = {0.3f, 0};  // upwards in the crop
  // A quarter turn of the head to the subject's right: its up is the frame's small x, a positive
  // yaw.
  scene.crops.frame_to_crop[0] = turned(2, kPi / 2, 0, 0);
  EXPECT_NEAR(scene("gaze_pitch"), 0, 1e-6);
  EXPECT_NEAR(scene("gaze_yaw"), 0.3, 1e-6);
  scene.outputs[kGaze] = {0.2f, -0.4f};
  scene.crops.frame_to_crop[0] = turned(2, 0, 7, 7);
  EXPECT_NEAR(scene("gaze_pitch"), 0.2, 1e-6);
  EXPECT_NEAR(scene("gaze_yaw"), -0.4, 1e-6);
  // Turning keeps the angle to the camera's axis.
  scene.crops.frame_to_crop[0] = turned(2, 0.9, 0, 0);
  EXPECT_NEAR(std::cos(scene("gaze_pitch")) * std::cos(scene("gaze_yaw")),
              std::cos(0.2) * std::cos(-0.4), 1e-6);
}

TEST(Readout, FacesOfAFrameReadTheirOwnRows) {
  BehaviourInfo info;
  info.heads = {head("pose", {"Pitch", "Roll", "Yaw"})};
  Scene scene(info);
  scene.add_face({1, 2, 3, 4}, 0.5f, turned(1, 0.25, 0, 0));
  scene.add_face({5, 6, 7, 8}, 0.4f, {});
  scene.rows = 3;
  scene.outputs[0] = {1, 0, 1, 2, 0, 2, 3, 0, 3};
  const ResultBatch results = scene.run(1, 3);
  ASSERT_EQ(results.rows(), 2u);
  EXPECT_EQ(results.face, (std::vector<std::int32_t>{0, 1}));
  EXPECT_EQ(results.track, (std::vector<std::int32_t>{5, 6}));
  EXPECT_EQ(results.values[0], 1);
  EXPECT_EQ(results.values[5], 2);                    // Pitch
  EXPECT_FLOAT_EQ(results.values[6], 0.25f);          // Roll
  EXPECT_EQ(results.values[results.columns + 5], 3);  // of the second row
  EXPECT_EQ(results.values[results.columns + 6], 0);
}

TEST(Readout, AFrameWithoutAFaceHasOneRowWithItsStatus) {
  Scene scene(full_info());
  ResultBatch results = scene.run(0, 0);
  ASSERT_EQ(results.rows(), 1u);
  EXPECT_EQ(results.status[0], Status::kNoFace);
  EXPECT_EQ(results.face[0], -1);
  EXPECT_EQ(results.track[0], -1);
  const std::size_t last = results.columns - 1;
  EXPECT_EQ(results.values[last], 640);
  EXPECT_EQ(results.values[last - 1], 360);
  for (std::size_t i = 0; i + 2 < results.columns; ++i) EXPECT_TRUE(std::isnan(results.values[i]));

  scene.frame.status = Status::kDecodeError;
  results = scene.run(0, 0);
  EXPECT_EQ(results.status[0], Status::kDecodeError);
  for (const float v : results.values) EXPECT_TRUE(std::isnan(v));
}

// The message of the PackError that a readout of this one head throws; "" if it throws none.
std::string complaint(const std::string& name, const std::vector<std::string>& columns) {
  BehaviourInfo info;
  info.heads = {head(name, columns)};
  try {
    Readout readout(info);
  } catch (const PackError& e) {
    return e.what();
  }
  return "";
}

TEST(Readout, UnknownHeadsAreErrorsThatNameThem) {
  EXPECT_EQ(complaint("affect", {"valence", "arousal"}), "");
  EXPECT_NE(complaint("age", {"years"}).find("'age'"), std::string::npos);
  EXPECT_NE(complaint("affect", {"valence", "dominance"}).find("'valence,dominance'"),
            std::string::npos);
  EXPECT_NE(complaint("affect", {"valence"}).find("valence,arousal"), std::string::npos);
  EXPECT_NE(complaint("affect", {"valence", "arousal", "arousal"}), "");
  EXPECT_NE(complaint("landmarks", {"x_0", "y_0"}), "");
  EXPECT_NE(complaint("pose", {}), "");
  EXPECT_NE(complaint("action_units", {"AU6"}).find("'AU6'"), std::string::npos);
  EXPECT_NE(complaint("action_units", {"AU06", "AU12_X"}).find("'AU12_X'"), std::string::npos);
  EXPECT_NE(complaint("action_units", {"AU12_L"}).find("AU12_R"), std::string::npos);
  EXPECT_NE(complaint("action_units", {"AU12", "AU12_L", "AU12_R"}), "");
  BehaviourInfo twice;
  twice.heads = {head("gaze", {"gaze_pitch", "gaze_yaw"}),
                 head("gaze", {"gaze_pitch", "gaze_yaw"})};
  EXPECT_THROW(Readout{twice}, PackError);
}

TEST(Readout, OutputsOfTheWrongShapeAreErrors) {
  Scene scene(full_info());
  scene.outputs[kPose].pop_back();
  EXPECT_THROW(scene.run(0, 1), PackError);
  scene.outputs[kPose].resize(3);
  EXPECT_NO_THROW(scene.run(0, 1));
  scene.outputs.pop_back();
  EXPECT_THROW(scene.run(0, 1), PackError);
}

}  // namespace
}  // namespace mien
