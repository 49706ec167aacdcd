// Which frames are missing, from what was read and what the container says.
#include "video/missing_frames.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace mien {
namespace {

using Stamps = std::vector<std::int64_t>;

constexpr std::int64_t kBytes = 100;  // of every packet

PacketLog log_of(const Stamps& pts, const Stamps& dts) {
  PacketLog log;
  for (std::size_t i = 0; i < pts.size(); ++i) {
    log.note({pts[i], dts[i], static_cast<std::int64_t>(i) * kBytes, kBytes, false, false});
  }
  return log;
}

// A file of `samples` frames at 25 a second that is cut after `kept` of them.
ContainerInfo container_of(const char* format, int samples, int kept) {
  ContainerInfo info;
  info.format = format;
  info.size = kept * kBytes;
  info.frames = samples;
  info.frame_rate = 25;
  info.time_base = {1, 25};
  for (int i = 0; i < samples; ++i) info.index.push_back({i, i * kBytes, kBytes, false});
  return info;
}

TEST(MissingFrames, WholeFilesMissNothing) {
  const PacketLog log = log_of({0, 1, 2}, {0, 1, 2});
  for (const char* format : {"mov,mp4,m4a", "avi", "matroska,webm", "mpegts"}) {
    EXPECT_TRUE(find_missing_frames(log, container_of(format, 3, 3), false).none()) << format;
  }
}

TEST(MissingFrames, IndexPlacesWhatLiesBehindTheEnd) {
  const PacketLog log = log_of({10, 11, 12}, {0, 1, 2});  // presented 10 units after decoding
  const MissingFrames missing = find_missing_frames(log, container_of("mov,mp4", 5, 3), false);
  EXPECT_EQ(missing.stamps, (Stamps{13, 14}));
  EXPECT_EQ(missing.unplaced, 0);
}

TEST(MissingFrames, ReorderedFramesTakeTheFreePlacesOfAConstantGrid) {
  const PacketLog log = log_of({0, 4, 2}, {-1, 0, 1});
  const MissingFrames missing = find_missing_frames(log, container_of("mov,mp4", 6, 3), false);
  EXPECT_EQ(missing.stamps, (Stamps{1, 3, 5}));
}

TEST(MissingFrames, ReorderedFramesOfAVariableRateHaveNoTimes) {
  ContainerInfo container = container_of("mov,mp4", 5, 3);
  container.index.back().timestamp = 9;
  const MissingFrames missing =
      find_missing_frames(log_of({0, 4, 2}, {-1, 0, 1}), container, false);
  EXPECT_EQ(missing.stamps, Stamps{});
  EXPECT_EQ(missing.unplaced, 2);
}

TEST(MissingFrames, DiscardedSamplesAreNotFrames) {
  ContainerInfo container = container_of("mov,mp4", 5, 3);
  container.index.back().is_discarded = true;
  const MissingFrames missing = find_missing_frames(log_of({0, 1, 2}, {0, 1, 2}), container, false);
  EXPECT_EQ(missing.stamps, Stamps{3});
}

TEST(MissingFrames, AviCountsOnFromTheLastFrame) {
  ContainerInfo container = container_of("avi", 6, 3);
  container.declared_size = 6 * kBytes;
  const MissingFrames missing = find_missing_frames(log_of({0, 1, 2}, {0, 1, 2}), container, false);
  EXPECT_EQ(missing.stamps, (Stamps{3, 4, 5}));
}

TEST(MissingFrames, AviFileOfFullLengthMissesWhatItListsAndNobodyRead) {
  const ContainerInfo container = container_of("avi", 6, 6);
  const MissingFrames missing = find_missing_frames(log_of({0, 1}, {0, 1}), container, false);
  EXPECT_EQ(missing.stamps, Stamps{});
  EXPECT_EQ(missing.unplaced, 4);
}

TEST(MissingFrames, MatroskaPromisesWhatRateAndLengthGive) {
  ContainerInfo container = container_of("matroska,webm", 0, 3);
  container.declared_size = container.size + 1;
  container.duration_tag = "00:00:00.320000000";
  const PacketLog log = log_of({0, 1, 2}, {0, 1, 2});
  EXPECT_EQ(find_missing_frames(log, container, false).unplaced, 8 - 3);
  container.duration_tag = "not a time";
  container.file_duration = 0.24;
  EXPECT_EQ(find_missing_frames(log, container, false).unplaced, 6 - 3);
}

TEST(MissingFrames, OneRowSaysThatTheRestIsGone) {
  const PacketLog log = log_of({0, 1, 2}, {0, 1, 2});
  EXPECT_EQ(find_missing_frames(log, container_of("mpegts", 0, 3), true).unplaced, 1);
  EXPECT_EQ(find_missing_frames(log, container_of("mpegts", 3, 3), true).unplaced, 1);
}

TEST(MissingFrames, PromisesAreBelievedUpToABound) {
  const PacketLog log = log_of({0, 1, 2}, {0, 1, 2});
  ContainerInfo container = container_of("mov,mp4", 2000, 3);  // what `index_entries_needed` lets
  container.frames = 10'000'000;
  MissingFrames missing = find_missing_frames(log, container, false);
  EXPECT_TRUE(missing.stamps.empty());
  EXPECT_EQ(missing.unplaced, 1);
  EXPECT_EQ(missing.doubtful, 9'999'997);
  missing = find_missing_frames(log, container_of("avi", 2000, 2000), false);
  EXPECT_EQ(missing.unplaced, 1);
  EXPECT_EQ(missing.doubtful, 1997);
}

TEST(MissingFrames, DurationsBeyondReasonLoseNothing) {
  const PacketLog log = log_of({0, 1, 2}, {0, 1, 2});
  ContainerInfo container = container_of("matroska,webm", 3, 3);
  container.frames = 0;
  for (const char* tag : {"9999999999999:00:00", "inf:inf:inf", "nan:nan:nan", "1e300:0:0"}) {
    container.duration_tag = tag;
    EXPECT_TRUE(find_missing_frames(log, container, false).none()) << tag;
  }
}

}  // namespace
}  // namespace mien
