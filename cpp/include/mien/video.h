// Video files as a source of frames, decoded by FFmpeg. Built only where FFmpeg's development
// packages are installed; video_decoder_version() is empty in builds without.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "mien/engine.h"
#include "mien/options.h"

namespace mien {

struct VideoInfo {
  std::string codec;  // "h264"
  std::string pixel_format;
  int width = 0;  // as shown, with rotation and the sample aspect ratio applied
  int height = 0;
  int rotation = 0;  // degrees clockwise, already applied: 0, 90, 180, 270
  // Sample aspect ratio of the stored pixels, width through height, already applied; 1 if the file
  // says none, or one that can't be believed (options.h, kLargestSar), which is then in stated_sar.
  double sar = 1;
  std::string stated_sar;   // "1:200", only where it was not believed
  double frame_rate = 0;    // average, frames per second; 0 if unknown, as in raw streams
  std::int64_t frames = 0;  // by the container; 0 if unknown
  double duration = 0;      // seconds, by the container; 0 if unknown
};

// "" if built without FFmpeg, else e.g. "libavcodec 59.37.100".
std::string video_decoder_version();

// Of `options`, `sar` alone counts. Throws InputError for what can't be opened as a video: missing,
// empty, not a video, no video stream, no decoder.
VideoInfo probe_video(const std::string& path, const ReadOptions& options = {});

// What a reader of a file's frames has to know besides: where streams were joined, why there are no
// times. Added to while the file is read; any thread may ask.
class ReadNotes {
 public:
  void set(std::vector<std::string> sentences) {
    const std::lock_guard lock(mutex_);
    sentences_ = std::move(sentences);
  }
  std::vector<std::string> get() const {
    const std::lock_guard lock(mutex_);
    return sentences_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> sentences_;
};

// Frames of a file. Their times rise, or are NaN.
class VideoSource : public FrameSource {
 public:
  // The codec and, unless it is the CPU, the decoder: "h264", "h264 (nvdec)".
  virtual std::string decoder() const = 0;
  virtual std::shared_ptr<const ReadNotes> notes() const = 0;
};

// The source may be read by one thread only. `decoder_threads` 0: one for images smaller than
// 1280x720, where decoding is faster than all other steps, a few for larger ones. Frames, their
// order and times do not depend on it; but in a damaged stream, with more than one thread FFmpeg
// may not report that it concealed errors in a frame, which then counts as good.
//
// With `memory` kCuda, NVDEC decodes what it supports, and its frames stay on the device
// (Memory::kCuda); everything else is decoded on the CPU into CPU memory. Pixels, order and times
// are the same, but NVDEC conceals errors without reporting them. Throws ProviderError if there is
// no CUDA device.
std::unique_ptr<VideoSource> open_video(const std::string& path, const ReadOptions& options,
                                        int decoder_threads = 1, Memory memory = Memory::kCpu);

}  // namespace mien
