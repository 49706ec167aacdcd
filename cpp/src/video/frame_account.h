// Every frame of a video stream in order of presentation, lost ones among them: the account of what
// went into a decoder, what came out of it and what the container promised. Free of FFmpeg: the
// core's decoder and PyAV's both keep it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "video/container_info.h"
#include "video/packet_ledger.h"
#include "video/packet_log.h"

namespace mien {

// Times are in seconds, NaN where they are unknown; stamps in units of the stream's time base.
class FrameAccount {
 public:
  // `counts_frames`: the container is an AVI file, see Note [Times without pts].
  FrameAccount(TimeBase time_base, bool counts_frames);

  // A packet of the stream was read; whether it has to be decoded.
  bool read(const PacketInfo& packet);

  // The decoder reported a failure.
  void failed() { ledger_.failed(); }

  struct Shown {
    std::vector<double> lost;  // times of frames lost before this one
    double time = 0;
    bool is_whole = true;  // false: its packet was broken, so the frame is lost too
  };
  // A frame came out of the decoder.
  Shown shown(std::optional<std::int64_t> stamp);

  // The last packet was read, and the decoder is about to be flushed. `read_failed`: reading
  // stopped on an error before the end.
  void end(const ContainerInfo& container, bool read_failed);

  // Nothing more will come out of the decoder: the times of the frames that were lost.
  std::vector<double> finish();

 private:
  double time_of(std::optional<std::int64_t> stamp);
  std::vector<double> times_of(const std::vector<std::int64_t>& stamps);

  TimeBase time_base_;
  bool counts_frames_;
  PacketLog log_;
  PacketLedger ledger_;
  std::optional<std::int64_t> last_stamp_;
  std::int64_t unplaced_ = 0;  // lost frames whose place in the order is unknown
};

}  // namespace mien
