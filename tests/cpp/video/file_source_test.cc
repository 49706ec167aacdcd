// Files that need no encoder: YUV4MPEG2, written by hand. Compressed ones are tested through
// Python, tests/python/io.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "image/pixels.h"
#include "mien/error.h"
#include "mien/video.h"

namespace mien {
namespace {

namespace fs = std::filesystem;

class FileSource : public testing::Test {
 protected:
  void SetUp() override {
    if (video_decoder_version().empty()) GTEST_SKIP() << "built without FFmpeg";
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = fs::temp_directory_path() / ("mien_file_source_" + name);
    fs::create_directories(folder_);
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  std::string write(const std::string& name, const std::string& bytes) const {
    const fs::path path = folder_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path.string();
  }

  // Frame i has luma 16 + i everywhere and neutral chroma; 10 frames a second.
  std::string write_y4m(int width, int height, int frames, const std::string& sar = "1:1") const {
    const std::string size = "W" + std::to_string(width) + " H" + std::to_string(height);
    std::string bytes = "YUV4MPEG2 " + size + " F10:1 Ip A" + sar + " C420jpeg\n";
    const auto luma = static_cast<std::size_t>(width * height);
    const auto chroma = static_cast<std::size_t>(((width + 1) / 2) * ((height + 1) / 2));
    for (int i = 0; i < frames; ++i) {
      bytes += "FRAME\n" + std::string(luma, static_cast<char>(16 + i)) +
               std::string(2 * chroma, '\x80');
    }
    return write("clip.y4m", bytes);
  }

  fs::path folder_;
};

struct Row {
  std::int64_t index;
  double time;
  int luma;
};

std::vector<Row> read(const std::string& path, const ReadOptions& options = {}, int threads = 1) {
  const auto source = open_video(path, options, threads);
  std::vector<Row> rows;
  Frame frame;
  while (source->next(frame)) {
    EXPECT_NE(frame.status, Status::kDecodeError);
    rows.push_back({frame.index, frame.time, frame.view.planes[0].data[0]});
  }
  EXPECT_FALSE(source->next(frame));  // also when called again
  return rows;
}

void expect_refused(const std::string& path, const std::string& word) {
  try {
    read(path);
    FAIL() << "no error for " << path;
  } catch (const InputError& e) {
    const std::string message = e.what();
    EXPECT_NE(message.find(path), std::string::npos) << message;
    EXPECT_NE(message.find("wanted"), std::string::npos) << message;
    EXPECT_NE(message.find(word), std::string::npos) << message;
  }
}

TEST_F(FileSource, FramesHaveNumberTimeAndPixels) {
  const std::string path = write_y4m(37, 51, 20);
  for (const int threads : {0, 1, 3}) {
    const auto rows = read(path, {}, threads);
    ASSERT_EQ(rows.size(), 20u);
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(rows[static_cast<std::size_t>(i)].index, i);
      EXPECT_DOUBLE_EQ(rows[static_cast<std::size_t>(i)].time, i / 10.0);
      EXPECT_EQ(rows[static_cast<std::size_t>(i)].luma, 16 + i);
    }
  }
}

TEST_F(FileSource, SelectsByRangeAndStep) {
  const std::string path = write_y4m(32, 32, 20);
  ReadOptions options;
  options.every = 3;
  options.start = 0.5;
  options.end = 1.5;
  std::vector<std::int64_t> indices;
  for (const Row& row : read(path, options)) indices.push_back(row.index);
  EXPECT_EQ(indices, (std::vector<std::int64_t>{5, 8, 11, 14}));
}

TEST_F(FileSource, ARangeWithoutFramesIsAnError) {
  const std::string path = write_y4m(32, 32, 3);
  ReadOptions options;
  options.start = 5;
  EXPECT_THROW(read(path, options), InputError);
  options.every = 0;
  EXPECT_THROW(open_video(path, options), OptionError);
  EXPECT_THROW(open_video(path, {}, -1), OptionError);
}

TEST_F(FileSource, FramesOutliveTheirSource) {
  std::vector<Frame> frames;
  {
    const auto source = open_video(write_y4m(64, 48, 12), {});
    Frame frame;
    while (source->next(frame)) frames.push_back(frame);
  }
  ASSERT_EQ(frames.size(), 12u);
  for (const Frame& frame : frames) {
    std::vector<std::uint8_t> rgb(64 * 48 * 3);
    to_rgb24(frame.view, rgb.data());
    EXPECT_EQ(frame.view.planes[0].data[0], 16 + frame.index);
  }
}

TEST_F(FileSource, PixelsHaveTheShapeThatTheFileSays) {
  const std::string path = write_y4m(64, 48, 2, "4:3");
  EXPECT_EQ(probe_video(path).width, 85);
  EXPECT_EQ(probe_video(path).height, 48);
  Frame frame;
  ASSERT_TRUE(open_video(path, {})->next(frame));
  EXPECT_EQ(frame.view.width, 64);
  EXPECT_DOUBLE_EQ(frame.view.sar, 4.0 / 3);
  ReadOptions given;
  given.sar = 0.5;
  ASSERT_TRUE(open_video(path, given)->next(frame));
  EXPECT_EQ(frame.view.sar, 0.5);
  EXPECT_EQ(probe_video(path, given).height, 96);
  given.sar = 5;
  EXPECT_THROW(open_video(path, given), OptionError);
}

TEST_F(FileSource, ShapesThatPixelsCantHaveAreNotBelieved) {
  for (const std::string sar : {"0:1", "1:200", "9:2"}) {
    const std::string path = write_y4m(64, 48, 2, sar);
    Frame frame;
    ASSERT_TRUE(open_video(path, {})->next(frame));
    EXPECT_EQ(frame.view.sar, 1) << sar;
    const VideoInfo info = probe_video(path);
    EXPECT_EQ(info.width, 64);
    EXPECT_EQ(info.sar, 1);
    EXPECT_EQ(info.stated_sar, sar == "0:1" ? "" : sar);
  }
}

TEST_F(FileSource, Probes) {
  const VideoInfo info = probe_video(write_y4m(64, 48, 12));
  EXPECT_EQ(info.codec, "rawvideo");
  EXPECT_EQ(info.width, 64);
  EXPECT_EQ(info.height, 48);
  EXPECT_EQ(info.rotation, 0);
  EXPECT_DOUBLE_EQ(info.frame_rate, 10);
}

TEST_F(FileSource, FilesThatAreNotVideosAreErrors) {
  expect_refused((folder_ / "missing.mp4").string(), "no such file");
  expect_refused(folder_.string(), "a directory");
  expect_refused(write("empty.mp4", ""), "an empty file");
  expect_refused(write("text.mp4", "this is a text, whatever its name says\n"), "Invalid data");
  expect_refused(write("short.y4m", "YUV4MPEG2 W32 H32 F10:1 C420jpeg\n"), "got");
}

TEST_F(FileSource, ReadsARealFile) {
  const char* data = std::getenv("MIEN_DATA");
  const char* required = std::getenv("MIEN_REQUIRE_DATA");
  const fs::path path =
      fs::path(data == nullptr ? "../shared/data" : data) / "pyfeat" / "single_face.mp4";
  if (!fs::exists(path)) {
    ASSERT_TRUE(required == nullptr || std::string(required) != "1") << path << " is not there";
    GTEST_SKIP() << path << " is not there (set MIEN_DATA)";
  }
  for (const int threads : {1, 2, 4}) {
    const auto rows = read(path.string(), {}, threads);
    ASSERT_EQ(rows.size(), 72u);
    for (std::size_t i = 0; i < rows.size(); ++i)
      EXPECT_NEAR(rows[i].time, static_cast<double>(i) / 30, 1e-3);
  }
}

}  // namespace
}  // namespace mien
