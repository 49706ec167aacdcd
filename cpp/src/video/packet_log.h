// What is known of a video stream's packets, noted as they are read. Free of FFmpeg: PyAV's packets
// are noted here too.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace mien {

// A packet without its data. Stamps are in units of the stream's time base.
struct PacketInfo {
  std::optional<std::int64_t> pts;
  std::optional<std::int64_t> dts;
  std::int64_t position = -1;  // bytes from the start of the file; -1: unknown
  std::int64_t size = 0;       // bytes
  bool is_broken = false;      // incomplete
  bool is_discarded = false;   // to be decoded as a reference; gives no frame
  std::int64_t duration = 0;   // of the frame; 0: unknown

  // The stamp by which its frame is known: pts, or dts where the container gives no pts.
  std::optional<std::int64_t> stamp() const { return pts ? pts : dts; }
};

// Whether a stamp lies beyond any recording. Sums of two that don't can't overflow.
constexpr bool is_far(std::int64_t stamp) {
  constexpr std::int64_t kLargest = std::int64_t{1} << 60;
  return stamp > kLargest || stamp < -kLargest;
}

struct PacketLog {
  // A packet was read, empty or not.
  void note(const PacketInfo& packet);

  std::int64_t packets = 0;         // all, frames to show or not
  std::int64_t filled_packets = 0;  // that are not empty
  bool last_broken = false;         // the last packet is incomplete
  std::int64_t last_position = -1;  // of the last packet, bytes from the start of the file

  // Of the packets that ask for a frame to show.
  std::int64_t shown = 0;
  bool all_stamped = true;  // every one had a pts; the stamps below end where one had none
  bool reordered = false;   // pts - dts varies: there are B-frames
  std::int64_t first_stamp = 0;
  std::int64_t least_stamp = 0;
  std::int64_t greatest_stamp = 0;
  std::int64_t step = 0;            // greatest common divisor of the distances between stamps
  std::int64_t delay = 0;           // pts - dts of the first packet, if it has a dts
  std::deque<std::int64_t> recent;  // stamps of the latest packets: more than a decoder reorders

 private:
  void note_stamp(std::int64_t pts, std::optional<std::int64_t> dts);
};

}  // namespace mien
