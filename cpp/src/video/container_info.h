// What a container says about its video stream, to be held against what was read. Free of FFmpeg:
// PyAV's containers are described by it too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mien {

// A sample in the container's index.
struct IndexEntry {
  std::int64_t timestamp = 0;  // coding time, in units of the stream's time base
  std::int64_t position = 0;   // bytes from the start of the file
  std::int64_t size = 0;       // bytes
  bool is_discarded = false;   // gives no frame
};

// The unit of a stream's time stamps: num / den seconds.
struct TimeBase {
  int num = 1;
  int den = 1;

  double seconds(std::int64_t stamp) const { return static_cast<double>(stamp) * num / den; }
};

struct ContainerInfo {
  std::string format;              // FFmpeg's names of it: "mov,mp4,m4a,3gp,3g2,mj2"
  std::int64_t size = 0;           // bytes of the file
  std::int64_t declared_size = 0;  // bytes that it claims to have (declared_size.h); 0: unknown
  std::int64_t frames = 0;         // as the container counts them; 0: it doesn't
  double frame_rate = 0;           // 1/s, on average; 0: unknown
  TimeBase time_base;
  std::optional<std::int64_t> duration;  // of the stream, in units of the time base
  std::string duration_tag;              // of the stream, Matroska's: "00:00:03.040000000"
  std::optional<double> file_duration;   // seconds; only where the file has no other stream
  std::vector<IndexEntry> index;

  bool is_mov() const { return format.starts_with("mov,"); }
  bool is_matroska() const { return format.starts_with("matroska"); }
  bool is_avi() const { return format == "avi"; }

  // Length of the stream in seconds; 0: unknown.
  double declared_duration() const;
};

}  // namespace mien
