// The video stream of a file as packets, and what the file should have held but does not.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "mien/video.h"
#include "video/ffmpeg_raii.h"
#include "video/orientation.h"

namespace mien {

class Demuxer {
 public:
  // Throws InputError for what can't be opened as a video.
  explicit Demuxer(const std::string& path);

  const AVStream& stream() const { return *stream_; }
  const std::string& path() const { return path_; }
  VideoInfo info() const;
  // How the container wants the stream to be turned; nothing if it does not say.
  std::optional<Orientation> orientation() const;

  bool is_avi() const;

  // The next packet of the video stream that asks for a frame or for decoding only; false at the
  // end.
  bool read(AVPacket& packet);
  // The time stamp that finds a packet's frame again: pts, or dts where the container gives no pts.
  static std::int64_t stamp(std::int64_t pts, std::int64_t dts) {
    return pts != AV_NOPTS_VALUE ? pts : dts;
  }

  // Once `read` has returned false: frames that the container promised and the file no longer
  // holds. Stamps where they are certain; `unplaced` more whose time is unknown.
  struct Missing {
    std::vector<std::int64_t> stamps;
    std::int64_t unplaced = 0;
  };
  Missing missing() const;
  // FFmpeg's words for why reading stopped before the end; "" if it did not.
  const std::string& read_error() const { return read_error_; }

 private:
  bool is_matroska() const;
  std::int64_t listed_and_unread() const;
  Missing missing_behind_end() const;
  std::int64_t promised_frames() const;
  double stated_duration() const;
  Missing missing_by_count(std::int64_t promised) const;
  std::vector<std::int64_t> place(const std::vector<const AVIndexEntry*>& wanted,
                                  std::size_t missing) const;
  void note(const AVPacket& packet);

  std::string path_;
  ffmpeg::FormatPtr format_;
  AVStream* stream_ = nullptr;
  std::string read_error_;

  // Of the packets read so far.
  std::int64_t packets_ = 0;         // all, frames to show or not
  std::int64_t filled_packets_ = 0;  // that are not empty
  std::int64_t shown_ = 0;           // that ask for a frame
  std::int64_t first_stamp_ = 0;
  std::int64_t least_stamp_ = 0;
  std::int64_t greatest_stamp_ = 0;
  std::int64_t step_ = 0;            // greatest common divisor of the distances between stamps
  std::int64_t delay_ = 0;           // pts - dts of the first packet, if it has a dts
  bool all_stamped_ = true;          // every one had a pts
  bool last_broken_ = false;         // the last packet is incomplete
  bool reordered_ = false;           // pts - dts varies: there are B-frames
  std::int64_t last_position_ = -1;  // of the last packet, bytes from the start of the file
  std::deque<std::int64_t> recent_;  // stamps of the latest packets: more than any decoder reorders
};

}  // namespace mien
