#include "mien/options.h"

#include <gtest/gtest.h>

#include <limits>

#include "mien/error.h"

namespace mien {
namespace {

TEST(EngineOptions, DefaultsAreValid) { EXPECT_NO_THROW(EngineOptions{}.validate()); }

TEST(EngineOptions, EachFieldIsCheckedAndNamed) {
  const auto message = [](EngineOptions options) -> std::string {
    try {
      options.validate();
    } catch (const OptionError& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_NE(
      message({.device = "gpu"}).find("device: wanted auto, cpu, cuda or tensorrt, got 'gpu'"),
      std::string::npos);
  EXPECT_NE(message({.threads = -1}).find("threads"), std::string::npos);
  EXPECT_NE(message({.batch_size = -1}).find("batch_size"), std::string::npos);
  EXPECT_NE(message({.detection_size = 10}).find("detection_size"), std::string::npos);
  EXPECT_NE(message({.score_threshold = 1.5f}).find("score_threshold"), std::string::npos);
  EXPECT_NE(message({.max_faces = 0}).find("max_faces"), std::string::npos);
}

TEST(ReadOptions, StartMustNotFollowEnd) {
  EXPECT_NO_THROW(ReadOptions{}.validate());
  EXPECT_THROW((ReadOptions{.every = 0}).validate(), OptionError);
  EXPECT_THROW((ReadOptions{.every = 1, .start = 2, .end = 1}).validate(), OptionError);
  EXPECT_THROW(
      (ReadOptions{.every = 1, .start = std::numeric_limits<double>::quiet_NaN()}).validate(),
      OptionError);
}

}  // namespace
}  // namespace mien
