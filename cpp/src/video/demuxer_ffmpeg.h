// The video stream of a file as packets, and what its container says about it.
#pragma once

#include <optional>
#include <string>

#include "mien/video.h"
#include "video/container_info.h"
#include "video/ffmpeg_raii.h"
#include "video/orientation.h"
#include "video/sample_aspect_ratio.h"

namespace mien {

class Demuxer {
 public:
  // Throws InputError for what can't be opened as a video.
  explicit Demuxer(const std::string& path);

  const AVStream& stream() const { return *stream_; }
  const std::string& path() const { return path_; }
  // `sar` above 0 takes the place of what the file says.
  VideoInfo info(double sar) const;
  // How the container wants the stream to be turned; nothing if it does not say.
  std::optional<Orientation> orientation() const;

  // Sample aspect ratio of a frame, or, if null, of the stream, before it is turned. The
  // container's takes precedence, as in FFmpeg's own tools.
  StatedSar stated_sar(const AVFrame* frame = nullptr) const;

  TimeBase time_base() const;
  bool is_avi() const;

  // The next packet of the video stream, empty or not; false at the end.
  bool read(AVPacket& packet);
  // What the container says about the stream; its index is complete once `read` has returned false.
  ContainerInfo container() const;
  // FFmpeg's words for why reading stopped before the end; "" if it did not.
  const std::string& read_error() const { return read_error_; }

 private:
  std::string path_;
  ffmpeg::FormatPtr format_;
  AVStream* stream_ = nullptr;
  std::string read_error_;
};

}  // namespace mien
