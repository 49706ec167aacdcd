#include "mien/options.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <limits>
#include <tuple>

#include "mien/error.h"

namespace mien {
namespace {

// Stands for a value of any type, to count how many values an aggregate is made of.
struct Anything {
  template <typename T>
  operator T() const;  // NOLINT(google-explicit-constructor)
};

template <typename Aggregate, typename... Values>
constexpr std::size_t field_count() {
  if constexpr (requires { Aggregate{Values{}..., Anything{}}; }) {
    return field_count<Aggregate, Values..., Anything>();
  } else {
    return sizeof...(Values);
  }
}

template <typename Options>
constexpr std::size_t listed_count() {
  return std::tuple_size_v<decltype(Options::fields())>;
}

static_assert(listed_count<EngineOptions>() == field_count<EngineOptions>());
static_assert(listed_count<ReadOptions>() == field_count<ReadOptions>());

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

TEST(EngineOptions, TextHasEveryField) {
  EXPECT_EQ((EngineOptions{.threads = 3, .decoder_threads = 2, .profile = true}).to_string(),
            "device=auto threads=3 batch_size=0 detection_size=0 score_threshold=-1 max_faces=64 "
            "detect_interval=8 decoder_threads=2 profile=true");
}

TEST(ReadOptions, TextHasEveryField) {
  EXPECT_EQ((ReadOptions{.every = 2, .start = 0.5}).to_string(),
            "every=2 start=0.5 end=inf fps=nan sar=0");
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
