// The engine as a whole on synthetic frames: order, errors, early stops, lost frames. (Faces need
// photographs, which the repository does not hold: tests/python/test_engine*.py go through those.)
#include "mien/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "../device/cuda_device.h"
#include "infer/session.h"
#include "mien/error.h"
#include "video/queue_source.h"

namespace mien {
namespace {

const Pack kPack{MIEN_PACK_DIR "/localization.onnx", MIEN_PACK_DIR "/behaviour.onnx"};

// `count` grey frames of alternating size; every fifth is lost; then the source fails if `breaks`.
class SyntheticSource : public FrameSource {
 public:
  SyntheticSource(int count, bool breaks) : count_(count), breaks_(breaks) {}

  bool next(Frame& frame) override {
    if (index_ == count_) {
      if (breaks_) throw InputError("synthetic source: failed as requested");
      return false;
    }
    frame.index = index_;
    frame.time = index_ / 25.0;
    if (index_ % 5 == 4) {
      frame.status = Status::kDecodeError;
    } else {
      const int side = index_ % 2 ? 64 : 80;
      auto pixels = std::make_shared<std::vector<std::uint8_t>>(side * side, std::uint8_t(index_));
      frame.view = {.width = side, .height = side, .model = ColorModel::kGray};
      frame.view.planes[0] = {pixels->data(), side, 1};
      frame.owner = pixels;
    }
    ++index_;
    return true;
  }

 private:
  int index_ = 0;
  const int count_;
  const bool breaks_;
};

std::size_t height_column(const Engine& engine) {
  const auto& names = engine.columns();
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), "FrameHeight") -
                                  names.begin());
}

struct Setting {
  std::string device;
  int threads;
  int batch;
  Detect detect;
};

// Names the settings in gtest's output.
void PrintTo(const Setting& s, std::ostream* out) {
  *out << s.device << ", " << s.threads << " threads, batches of " << s.batch;
}

// Skips or fails the test that calls it where the engine can't run on a GPU.
void require_cuda_engine() {
  test::require_cuda_device();
  if (testing::Test::IsSkipped() || testing::Test::HasFatalFailure()) return;
  try {
    choose_provider("cuda");
  } catch (const ProviderError& error) {
    if (test::cuda_is_required()) FAIL() << error.what();
    GTEST_SKIP() << error.what();
  }
}

class EngineOn : public testing::TestWithParam<Setting> {};

INSTANTIATE_TEST_SUITE_P(, EngineOn,
                         testing::Values(Setting{"cpu", 1, 1, Detect::kEvery},
                                         Setting{"cpu", 2, 3, Detect::kEvery},
                                         Setting{"cpu", 4, 16, Detect::kTrack},
                                         Setting{"cuda", 1, 4, Detect::kEvery},
                                         Setting{"cuda", 2, 3, Detect::kTrack}));

TEST_P(EngineOn, RowsAreInFrameOrderForAnyThreadsAndBatchSize) {
  const Setting& on = GetParam();
  if (on.device == "cuda") require_cuda_engine();
  if (IsSkipped() || HasFatalFailure()) return;
  Engine engine(kPack, {.device = on.device, .threads = on.threads, .batch_size = on.batch});
  const std::size_t height = height_column(engine);
  auto stream = engine.open(std::make_unique<SyntheticSource>(103, false), {.detect = on.detect});
  std::int64_t expected = 0;
  while (auto rows = stream->next(10)) {
    ASSERT_LE(rows->rows(), 10u);
    for (std::size_t i = 0; i < rows->rows(); ++i, ++expected) {
      ASSERT_EQ(rows->frame[i], expected);
      EXPECT_DOUBLE_EQ(rows->time[i], static_cast<double>(expected) / 25.0);
      const bool lost = expected % 5 == 4;
      EXPECT_EQ(rows->status[i], lost ? Status::kDecodeError : Status::kNoFace);
      const float h = rows->values[i * rows->columns + height];
      if (lost) {
        EXPECT_TRUE(std::isnan(h));
      } else {
        EXPECT_EQ(h, expected % 2 ? 64.0f : 80.0f);
      }
    }
  }
  EXPECT_EQ(expected, 103);
}

TEST(Engine, RowsBeforeASourceErrorAreDelivered) {
  Engine engine(kPack, {.device = "cpu", .threads = 2, .batch_size = 4});
  auto stream = engine.open(std::make_unique<SyntheticSource>(10, true));
  std::size_t rows = 0;
  try {
    while (auto part = stream->next(3)) rows += part->rows();
    FAIL() << "the error was lost";
  } catch (const InputError& e) {
    EXPECT_STREQ(e.what(), "synthetic source: failed as requested");
  }
  EXPECT_EQ(rows, 10u);
}

TEST(Engine, DestroyingAStreamEarlyDoesNotAffectOthers) {
  Engine engine(kPack, {.device = "cpu", .threads = 2, .batch_size = 2});
  auto idle = engine.open(std::make_unique<SyntheticSource>(100000, false));  // never read
  auto read = engine.open(std::make_unique<SyntheticSource>(50, false));
  std::size_t rows = 0;
  while (auto part = read->next(7)) rows += part->rows();
  EXPECT_EQ(rows, 50u);
}

TEST(Engine, AnUnclosedFeedDoesNotBlockDestruction) {
  Engine engine(kPack, {.device = "cpu", .threads = 1, .batch_size = 2});
  auto source = std::make_unique<QueueSource>(1);
  QueueSource::Feed feed = source->feed();
  auto stream = engine.open(std::move(source));
  stream.reset();
  EXPECT_FALSE(feed.push(Frame{}));
}

TEST(Engine, FrameByFrameGivesTheSameRows) {
  Engine engine(kPack, {.device = "cpu", .threads = 2, .batch_size = 4});
  auto stream = engine.open(std::make_unique<SyntheticSource>(8, false));
  const auto together = stream->next(8);
  ASSERT_TRUE(together.has_value());
  SyntheticSource source(8, false);
  Frame frame;
  for (std::size_t i = 0; source.next(frame); ++i, frame = {}) {
    const ResultBatch one = engine.analyze_frame(frame);
    ASSERT_EQ(one.rows(), 1u);
    EXPECT_EQ(one.frame[0], together->frame[i]);
    EXPECT_EQ(one.status[0], together->status[i]);
  }
}

TEST(Engine, InvalidOptionsAndPacksAreErrors) {
  EXPECT_THROW(Engine(kPack, {.device = "abacus"}), OptionError);
  EXPECT_THROW(Engine({MIEN_PACK_DIR "/nothing.onnx", kPack.behaviour}, {.device = "cpu"}),
               PackError);
  EXPECT_THROW(Engine({kPack.behaviour, kPack.detector}, {.device = "cpu"}), PackError);
}

}  // namespace
}  // namespace mien
