#include "infer/model_info.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cctype>
#include <fstream>
#include <ostream>

#include "test_models.h"

namespace mien {
namespace {

using ModelInfo = InferTest;

TEST_F(ModelInfo, ReadsADetector) {
  const DetectorInfo info = read_detector_info(Session(model_path("localization"), {}));
  EXPECT_EQ(info.name, "tiny-localization");
  EXPECT_EQ(info.version, "0.1");
  EXPECT_EQ(info.input, "input");
  EXPECT_EQ(info.normalization.mean, (std::array<float, 3>{127.5f, 127.5f, 127.5f}));
  EXPECT_EQ(info.normalization.std, (std::array<float, 3>{128, 128, 128}));
  EXPECT_EQ(info.max_side, 64);
  EXPECT_EQ(info.multiple, 16);
  EXPECT_EQ(info.border, 114);
  EXPECT_EQ(info.strides, (std::vector<int>{8, 16}));
  EXPECT_EQ(info.min_sizes, (std::vector<std::vector<float>>{{16, 32}, {64}}));
  EXPECT_EQ(info.variances, (std::array<float, 2>{0.1f, 0.2f}));
  EXPECT_EQ(info.score_threshold, 0.5f);
  EXPECT_EQ(info.nms_iou, 0.4f);
}

TEST_F(ModelInfo, ReadsABehaviourNetwork) {
  const BehaviourInfo info = read_behaviour_info(Session(model_path("behaviour"), {}));
  EXPECT_EQ(info.name, "tiny-behaviour");
  EXPECT_EQ(info.size, 16);
  EXPECT_EQ(info.border, 114);
  EXPECT_EQ(info.crop_template[3].x, 6.5f);
  EXPECT_EQ(info.crop_template[3].y, 10.5f);
  ASSERT_EQ(info.heads.size(), 2u);
  const HeadInfo& expression = info.heads[0];
  EXPECT_EQ(expression.name, "expression");
  EXPECT_EQ(expression.columns, (std::vector<std::string>{"happiness", "sadness", "neutral"}));
  EXPECT_EQ(expression.activation, Activation::kSoftmax);
  EXPECT_EQ(expression.scale, 1);
  EXPECT_EQ(expression.offset, 0);
  EXPECT_EQ(expression.unit, "probability");
  EXPECT_EQ(expression.range, "0,1");
  const HeadInfo& pose = info.heads[1];
  EXPECT_EQ(pose.columns, (std::vector<std::string>{"Pitch", "Roll", "Yaw"}));
  EXPECT_EQ(pose.activation, Activation::kTanh);
  EXPECT_EQ(pose.scale, 1.5f);
  EXPECT_EQ(pose.offset, -0.25f);
  EXPECT_EQ(pose.unit, "rad");
  EXPECT_EQ(pose.range, "");
}

TEST_F(ModelInfo, ReadsABehaviourNetworkThatTakesBytes) {
  const BehaviourInfo floats = read_behaviour_info(Session(model_path("behaviour"), {}));
  EXPECT_FALSE(floats.bytes.has_value());
  EXPECT_EQ(input_shape(floats, 5), (std::vector<std::int64_t>{5, 3, 16, 16}));
  const BehaviourInfo info = read_behaviour_info(Session(model_path("behaviour_bytes"), {}));
  ASSERT_TRUE(info.bytes.has_value());
  EXPECT_EQ(info.bytes->block, 2);
  EXPECT_EQ(info.bytes->scale, 0.0078125f);
  EXPECT_EQ(info.bytes->zero_point, 128);
  EXPECT_EQ(input_shape(info, 5), (std::vector<std::int64_t>{5, 8, 8, 12}));
}

// A file in which one text is replaced by another of the same length.
struct Edit {
  const char* model;
  std::string from;
  std::string to;
  std::vector<std::string> message;
};

// Becomes the test's name in CTest: letters, digits, and character codes of everything else.
void PrintTo(const Edit& e, std::ostream* out) {
  constexpr const char* kHex = "0123456789abcdef";
  *out << e.model << "_";
  for (const char c : e.to) {
    const auto code = static_cast<unsigned char>(c);
    if (std::isalnum(code) != 0) {
      *out << c;
    } else {
      *out << '_' << kHex[code >> 4] << kHex[code & 15];
    }
  }
}

class BadModelInfo : public InferTest, public testing::WithParamInterface<Edit> {};

TEST_P(BadModelInfo, IsAPackErrorNamingFileAndKey) {
  const Edit& edit = GetParam();
  ASSERT_EQ(edit.from.size(), edit.to.size());
  std::ifstream in(model_path(edit.model), std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  std::size_t found = 0, count = 0;
  while ((found = bytes.find(edit.from, found)) != std::string::npos) {
    bytes.replace(found, edit.from.size(), edit.to);
    found += edit.to.size();
    ++count;
  }
  ASSERT_GE(count, 1u) << "the model does not hold '" << edit.from << "'";
  const std::string path = testing::TempDir() + "edited-" + std::to_string(getpid()) + ".onnx";
  std::ofstream(path, std::ios::binary) << bytes;
  auto message = edit.message;
  message.push_back(path);
  const Session session(path, {});
  expect_error<PackError>(
      [&] {
        if (std::string(edit.model) == "localization") {
          read_detector_info(session);
        } else {
          read_behaviour_info(session);
        }
      },
      message);
  std::filesystem::remove(path);
}

// In the file a value follows its key after two bytes: field number and length.
std::string entry(const std::string& key, const std::string& value) {
  return key + '\x12' + static_cast<char>(value.size()) + value;
}

Edit set(const char* model, const std::string& key, const std::string& from, const std::string& to,
         const std::string& wanted) {
  return {model, entry(key, from), entry(key, to), {key, "wanted " + wanted, "got '" + to + "'"}};
}

const char* const kDetector = "localization";
const char* const kBeh = "behaviour";
const char* const kBytes = "behaviour_bytes";

INSTANTIATE_TEST_SUITE_P(
    Common, BadModelInfo,
    testing::Values(
        set(kDetector, "mien.format", "1", "2", "'1'"),
        Edit{kDetector, "mien.format", "mien.forma_", {"mien.format", "got no such key"}},
        set(kDetector, "mien.role", "localization", "localisation", "'localization'"),
        set(kBeh, "mien.role", "behaviour", "behavior.", "'behaviour'"),
        Edit{kDetector, "mien.license", "mien.licens_", {"mien.license", "got no such key"}},
        set(kDetector, "mien.input.color", "rgb", "bgr", "'rgb'"),
        set(kBytes, "mien.input.type", "uint8", "int08", "float32 or uint8"),
        set(kBytes, "mien.input.block", "2", "3", "a divisor of mien.input.size = 16"),
        set(kBytes, "mien.input.block", "2", "0", "a number from 1 to 16"),
        Edit{kBytes,
             entry("mien.input.block", "2"),
             entry("mien.input.block", "4"),
             {"input 'input'", "wanted uint8 (?, 4, 4, 48)", "got uint8 (?, 8, 8, 12)"}},
        Edit{kBytes,
             "mien.input.type",
             "mien.input.typ_",
             {"input 'input'", "wanted float32 (?, 3, 16, 16)", "got uint8 (?, 8, 8, 12)"}},
        set(kBytes, "mien.input.scale", "0.0078125", "0.0000000", "a number from"),
        set(kBytes, "mien.input.zero_point", "128", "256", "a number from 0 to 255"),
        set(kDetector, "mien.input.mean", "127.5,127.5,127.5", "127.5,127.5;127.5", "numbers"),
        set(kDetector, "mien.input.mean", "127.5,127.5,127.5", "127.5,127.5,127_5", "numbers"),
        set(kDetector, "mien.input.mean", "127.5,127.5,127.5", "127.5,127.5,  nan", "numbers"),
        set(kDetector, "mien.input.mean", "127.5,127.5,127.5", "127.5,0000127.500", "3 numbers"),
        set(kDetector, "mien.input.std", "128,128,128", "128,000,128", "3 numbers above 0"),
        set(kDetector, "mien.input.border", "114", "256", "a number from 0 to 255"),
        Edit{kDetector,
             entry("mien.input.name", "input"),
             entry("mien.input.name", "image"),
             {"input 'input'", "the name 'image'"}}));

INSTANTIATE_TEST_SUITE_P(
    Detector, BadModelInfo,
    testing::Values(
        set(kDetector, "mien.input.multiple", "16", "00", "a number from 1"),
        set(kDetector, "mien.input.multiple", "16", ".5", "a number from 1"),
        set(kDetector, "mien.input.max_side", "64", "15", "a number from 16"),
        set(kDetector, "mien.localization.strides", "8,16", "8,32", "whole numbers that divide"),
        set(kDetector, "mien.localization.strides", "8,16", "8,.5", "whole numbers that divide"),
        set(kDetector, "mien.localization.min_sizes", "16,32;64", "16,32,64", "2 lists"),
        set(kDetector, "mien.localization.min_sizes", "16,32;64", "16,-1;64", "2 lists"),
        set(kDetector, "mien.localization.variances", "0.1,0.2", "0.1,0.0", "2 numbers above 0"),
        set(kDetector, "mien.localization.score_threshold", "0.5", "1.5", "a number from 0 to 1"),
        set(kDetector, "mien.localization.nms_iou", "0.4", "2.4", "a number from 0 to 1"),
        Edit{kDetector,
             entry("mien.localization.min_sizes", "16,32;64"),
             entry("mien.localization.min_sizes", "00016;64"),
             {"output 'scores'", "5 priors", "got 9"}},
        Edit{kDetector,
             "points",
             "p0ints",
             {"output 'points'", "float32 (?, ?, 10)", "no such output"}}));

INSTANTIATE_TEST_SUITE_P(
    Behaviour, BadModelInfo,
    testing::Values(Edit{kBeh,
                         entry("mien.input.size", "16"),
                         entry("mien.input.size", "17"),
                         {"input 'input'", "(?, 3, 17, 17)", "(?, 3, 16, 16)"}},
                    set(kBeh, "mien.input.template", "6,5;10,5;8,8;6.5,10.5;9.5,10.5",
                        "6,5;10,5;8,8;6.5,10.5;9.5 10.5", "numbers"),
                    set(kBeh, "mien.input.template", "6,5;10,5;8,8;6.5,10.5;9.5,10.5",
                        "6,5;10,5;8,8;6.5,10.5;9.5,15.5", "5 points 'x,y' inside the crop"),
                    set(kBeh, "mien.input.template", "6,5;10,5;8,8;6.5,10.5;9.5,10.5",
                        "008,08;08,08;08,08;08,08;08,08", "5 points that don't lie on one line"),
                    set(kBeh, "mien.input.template", "6,5;10,5;8,8;6.5,10.5;9.5,10.5",
                        "006,08;07,08;08,08;09,08;10,08", "5 points that don't lie on one line"),
                    Edit{kBeh,
                         entry("mien.heads", "expression,pose"),
                         entry("mien.heads", "expression,gaze"),
                         {"mien.head.gaze.columns", "no such key"}},
                    set(kBeh, "mien.heads", "expression,pose", "expression,    ",
                        "names, none empty"),
                    set(kBeh, "mien.head.pose.columns", "Pitch,Roll,Yaw", "Pitch,Rol, Rol",
                        "names, none empty, no two alike"),
                    set(kBeh, "mien.head.pose.columns", "Pitch,Roll,Yaw", "neutral,R,Yaw_",
                        "columns that no other head has"),
                    Edit{kBeh,
                         "Pitch,Roll,Yaw",
                         "Pitch,Roll;Yaw",
                         {"output 'pose'", "float32 (?, 2)", "(?, 3)"}},
                    set(kBeh, "mien.head.pose.activation", "tanh", "relu",
                        "identity, sigmoid, softmax or tanh"),
                    set(kBeh, "mien.head.pose.scale", "1.5", "0.0", "a number other than 0"),
                    set(kBeh, "mien.head.pose.offset", "-0.25", "-0,25", "numbers")));

}  // namespace
}  // namespace mien
