// Packets to pictures in presentation order, lost ones among them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "video/demuxer_ffmpeg.h"
#include "video/ffmpeg_raii.h"
#include "video/packet_ledger.h"

namespace mien {

struct Picture {
  ffmpeg::FramePtr frame;  // null: could not be decoded
  double time = 0;         // seconds; NaN if the container gives none
};

class VideoDecoder {
 public:
  // `threads` 0: FFmpeg's choice.
  VideoDecoder(const std::string& path, int threads);

  const Demuxer& demuxer() const { return demuxer_; }
  // False at the end.
  bool next(Picture& picture);

 private:
  void feed();     // one packet, or the end
  void collect();  // every frame that is ready
  void flush();
  void add_frame(ffmpeg::FramePtr frame);
  void add(ffmpeg::FramePtr frame, std::int64_t stamp);
  void add_lost(const std::vector<std::int64_t>& stamps);
  double seconds(std::int64_t stamp) const;

  Demuxer demuxer_;
  ffmpeg::CodecPtr codec_;
  ffmpeg::PacketPtr packet_;
  PacketLedger ledger_;
  std::deque<Picture> ready_;
  std::int64_t last_stamp_ = AV_NOPTS_VALUE;
  std::int64_t untold_ = 0;  // broken packets whose place in the order is unknown
  bool ended_ = false;
};

}  // namespace mien
