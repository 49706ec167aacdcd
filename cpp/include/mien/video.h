// Video files as a source of frames, decoded by FFmpeg. Built only where FFmpeg's development
// packages are; the header is the same everywhere and `video_decoder_version()` tells.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "mien/engine.h"
#include "mien/options.h"

namespace mien {

struct VideoInfo {
  std::string codec;  // "h264"
  std::string pixel_format;
  int width = 0;  // as shown: rotation applied
  int height = 0;
  int rotation = 0;         // degrees clockwise that were applied: 0, 90, 180, 270
  double frame_rate = 0;    // average, frames per second; 0 if the container does not say
  std::int64_t frames = 0;  // as the container says; 0 if it does not
  double duration = 0;      // seconds; 0 if the container does not say
};

// "" where the engine was built without FFmpeg, else e.g. "libavcodec 59.37.100".
std::string video_decoder_version();

// Throws InputError for what can't be opened as a video: missing, empty, not a video, no video
// stream, no decoder.
VideoInfo probe_video(const std::string& path);

// Frames of a file.
class VideoSource : public FrameSource {
 public:
  // The codec and, where it isn't the processor, who decodes it: "h264", "h264 (nvdec)".
  virtual std::string decoder() const = 0;
};

// One consumer thread. `decoder_threads` 0: one for images of less than 1280x720, where decoding
// keeps ahead of everything else, a few for larger ones. Frames, their order and times do not
// depend on it; but in a damaged stream, more than one thread may keep FFmpeg from telling that it
// patched a frame up, and that frame then passes for a good one.
//
// With `memory` kCuda, NVDEC decodes what it can and its frames stay on the device (Memory::kCuda);
// what it can't, the processor decodes as always, and those frames lie on the host. Pixels, order
// and times are the same, but NVDEC patches damaged frames up without telling. Throws ProviderError
// where there is no CUDA device.
std::unique_ptr<VideoSource> open_video(const std::string& path, const ReadOptions& options,
                                        int decoder_threads = 1, Memory memory = Memory::kHost);

}  // namespace mien
