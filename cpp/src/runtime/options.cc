#include "mien/options.h"

#include <cmath>
#include <sstream>

#include "mien/error.h"

namespace mien {
namespace {

void require(bool ok, const char* name, const std::string& wanted, const std::string& got) {
  if (!ok) throw OptionError(std::string(name) + ": wanted " + wanted + ", got " + got);
}

template <typename Options>
std::string describe(const Options& options) {
  std::ostringstream out;
  out << std::boolalpha;
  for_each_field<Options>([&](const auto& field) {
    if (out.tellp() > 0) out << ' ';
    out << field.name << '=' << options.*field.member;
  });
  return out.str();
}

}  // namespace

Detect parse_detect(const std::string& name) {
  require(name == "every" || name == "track", "detect", "every or track", "'" + name + "'");
  return name == "every" ? Detect::kEvery : Detect::kTrack;
}

void EngineOptions::validate() const {
  require(device == "auto" || device == "cpu" || device == "cuda" || device == "tensorrt", "device",
          "auto, cpu, cuda or tensorrt", "'" + device + "'");
  require(threads >= 0 && threads <= 1024, "threads", "0 to 1024", std::to_string(threads));
  require(batch_size >= 0 && batch_size <= 1024, "batch_size",
          "1 to 1024, or 0 for the device's own", std::to_string(batch_size));
  require(detection_size == 0 || (detection_size >= 64 && detection_size <= 4096), "detection_size",
          "64 to 4096 network pixels, or 0 for the pack's own", std::to_string(detection_size));
  require(!std::isnan(score_threshold) && score_threshold <= 1, "score_threshold",
          "a probability up to 1, or a negative number for the pack's own",
          std::to_string(score_threshold));
  require(decoder_threads >= 0 && decoder_threads <= 256, "decoder_threads", "0 to 256",
          std::to_string(decoder_threads));
  require(max_faces >= 1, "max_faces", "at least 1", std::to_string(max_faces));
  require(detect_interval >= 1 && detect_interval <= 1024, "detect_interval", "1 to 1024",
          std::to_string(detect_interval));
}

std::string EngineOptions::to_string() const { return describe(*this); }

void ReadOptions::validate() const {
  require(every >= 1, "every", "at least 1", std::to_string(every));
  require(!std::isnan(start) && !std::isnan(end) && start < end, "start, end",
          "start before end, in seconds", std::to_string(start) + ", " + std::to_string(end));
  require(std::isnan(fps) || (fps > 0 && std::isfinite(fps)), "fps", "a number above 0",
          std::to_string(fps));
  require(sar == 0 || (sar >= 1 / kLargestSar && sar <= kLargestSar), "sar",
          "a sample aspect ratio of 0.25 to 4 (width of a pixel through its height), or 0 for what "
          "the input says",
          std::to_string(sar));
}

std::string ReadOptions::to_string() const { return describe(*this); }

}  // namespace mien
