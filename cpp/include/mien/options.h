// What a caller may choose. Plain structs with defaults; `validate()` throws OptionError and is
// called once, by whoever takes the options in. `fields()` lists every field once, with its name,
// for all that goes through them: to_string() and the bindings.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <tuple>

namespace mien {

// Sample aspect ratios between 1 / kLargestSar and this are believed; real ones lie between 1/2 and
// 3. Beyond, a file is read as if it said nothing.
constexpr double kLargestSar = 4;

// Where faces are looked for. kEvery: in every frame, by the detector network. kTrack: in every
// `detect_interval`-th frame, in frames without a face, and on doubt; between, a face is followed
// by its own landmarks.
enum class Detect : std::uint8_t { kEvery, kTrack };

Detect parse_detect(const std::string& name);  // "every" or "track"; throws OptionError

// A field of an options struct and its name.
template <typename Options, typename Value>
struct OptionField {
  const char* name;
  Value Options::* member;
};
template <typename Options, typename Value>
OptionField(const char*, Value Options::*) -> OptionField<Options, Value>;

struct EngineOptions {
  // "cpu", "cuda", "tensorrt", or "auto": CUDA where the inference library and the machine have it,
  // the CPU otherwise.
  std::string device = "auto";
  int threads = 0;     // workers; 0: one per core the process may use, but few on a GPU
  int batch_size = 0;  // frames a worker takes at a time; 0: 8, or 32 on a GPU
  // Longer side of the letterboxed frame, network pixels; 0: the pack's own, for images and video.
  int detection_size = 0;
  float score_threshold = -1;  // least FaceScore, 0-1; negative: the pack's own
  int max_faces = 64;          // most faces kept in a frame, best scores first
  int detect_interval = 8;     // Detect::kTrack: frames from one detection to the next, 1 or more
  int decoder_threads = 0;     // for a video file; 0: by the size of its images
  bool profile = false;        // time every step; costs a microsecond or two a frame

  static constexpr auto fields() {
    using O = EngineOptions;
    return std::tuple{OptionField{"device", &O::device},
                      OptionField{"threads", &O::threads},
                      OptionField{"batch_size", &O::batch_size},
                      OptionField{"detection_size", &O::detection_size},
                      OptionField{"score_threshold", &O::score_threshold},
                      OptionField{"max_faces", &O::max_faces},
                      OptionField{"detect_interval", &O::detect_interval},
                      OptionField{"decoder_threads", &O::decoder_threads},
                      OptionField{"profile", &O::profile}};
  }
  void validate() const;
  std::string to_string() const;  // "device=auto threads=0 ...", every field
};

struct ReadOptions {
  int every = 1;  // analyse frames 0, every, 2*every, ... of those in [start, end)
  double start = -std::numeric_limits<double>::infinity();  // seconds, inclusive
  double end = std::numeric_limits<double>::infinity();     // seconds, exclusive
  // Frames per second of a video file without a clock (a raw stream); NaN: unknown.
  double fps = std::numeric_limits<double>::quiet_NaN();
  double sar = 0;  // sample aspect ratio, in place of what the input says; 0: as it says

  static constexpr auto fields() {
    using O = ReadOptions;
    return std::tuple{OptionField{"every", &O::every}, OptionField{"start", &O::start},
                      OptionField{"end", &O::end}, OptionField{"fps", &O::fps},
                      OptionField{"sar", &O::sar}};
  }
  void validate() const;
  std::string to_string() const;  // "every=1 start=-inf end=inf fps=nan sar=0"
};

// Calls `visit(field)` for each field of an options struct, in order of declaration.
template <typename Options, typename Visitor>
void for_each_field(Visitor&& visit) {
  std::apply([&](const auto&... field) { (visit(field), ...); }, Options::fields());
}

}  // namespace mien
