// Every frame of a video stream in order of presentation, lost ones among them: the account of what
// went into a decoder, what came out of it and what the container promised. Free of FFmpeg: the
// core's decoder and PyAV's both keep it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "video/container_formats.h"
#include "video/container_info.h"
#include "video/packet_ledger.h"
#include "video/packet_log.h"
#include "video/time_line.h"

namespace mien {

// Times are in seconds, NaN where they are unknown; stamps in units of the stream's time base.
class FrameAccount {
 public:
  // `format`: FFmpeg's names of the container. `fps`: frames per second of a stream without a
  // clock; NaN: unknown.
  FrameAccount(TimeBase time_base, const std::string& format,
               double fps = std::numeric_limits<double>::quiet_NaN());

  // A packet of the stream was read; whether it has to be decoded. Its stamps are moved onto a time
  // line that rises (time_line.h): the decoder is to see them so.
  bool read(PacketInfo& packet);

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
  // How many entries of the container's index `end` looks at.
  std::size_t index_entries() const;

  // Nothing more will come out of the decoder: the times of the frames that were lost.
  std::vector<double> finish();

  // The time of a frame that is handed on, if it is not before that of one handed on earlier; NaN
  // if it is. To be asked for each of them once, in order.
  double rising(double time);

  // Sentences about what a reader of the frames has to know; see also `changes`.
  std::vector<std::string> notes() const;
  // Grows whenever `notes` say something else.
  std::int64_t changes() const;

 private:
  double time_of(std::optional<std::int64_t> stamp);
  std::vector<double> times_of(const std::vector<std::int64_t>& stamps);

  TimeBase time_base_;
  Clock clock_;
  double fps_;
  TimeLine line_;
  PacketLog log_;
  PacketLedger ledger_;
  std::optional<std::int64_t> last_stamp_;
  std::int64_t counted_ = 0;   // frames, where nothing else gives time
  std::int64_t unplaced_ = 0;  // lost frames whose place in the order is unknown
  std::int64_t doubtful_ = 0;  // see Note [Promises]
  std::int64_t late_ = 0;      // frames handed on without a time, for it went back
  double latest_ = -std::numeric_limits<double>::infinity();  // of the frames handed on
};

}  // namespace mien
