// For builds without FFmpeg, where Python decodes with PyAV and fills a QueueSource instead.
#include "mien/error.h"
#include "mien/video.h"

namespace mien {
namespace {

[[noreturn]] void refuse(const std::string& path) {
  throw InputError(path +
                   ": this build has no video decoder (FFmpeg's development packages were not "
                   "there when it was built)");
}

}  // namespace

std::string video_decoder_version() { return ""; }

VideoInfo probe_video(const std::string& path, const ReadOptions&) { refuse(path); }

std::unique_ptr<VideoSource> open_video(const std::string& path, const ReadOptions&, int, Memory) {
  refuse(path);
}

}  // namespace mien
