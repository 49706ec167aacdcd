#include "video/container_formats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <tuple>
#include <utility>

#include "mien/error.h"

namespace mien {
namespace {

std::string first_name(const std::string& format) { return format.substr(0, format.find(',')); }

// Streams without a container.
constexpr std::array kRaw{"h264", "hevc", "vvc",       "av1",       "obu",
                          "m4v",  "vc1",  "mpegvideo", "jpeg_pipe", "mjpeg"};

bool is_raw(const std::string& format) {
  return std::find(kRaw.begin(), kRaw.end(), first_name(format)) != kRaw.end();
}

// Sides of the image that a GIF file's header states, pixels; 0 for other files.
std::pair<std::int64_t, std::int64_t> gif_size(const std::string& path) {
  std::array<unsigned char, 10> head{};
  std::ifstream(path, std::ios::binary).read(reinterpret_cast<char*>(head.data()), head.size());
  if (std::memcmp(head.data(), "GIF8", 4) != 0) return {0, 0};
  return {head[6] | head[7] << 8, head[8] | head[9] << 8};
}

}  // namespace

const std::string& readable_formats() {
  static const std::string formats = [] {
    std::string names =
        "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,gif,nut,mxf,dv,rm,wtv,ivf,yuv4mpegpipe";
    for (const char* const raw : kRaw) names += std::string(",") + raw;
    return names;
  }();
  return formats;
}

Clock clock_of(const std::string& format) {
  Clock clock;
  clock.exists = !is_raw(format);
  clock.counts_frames = format == "avi";
  clock.may_jump = format == "mpegts" || format == "mpeg";
  return clock;
}

void check_clock(const std::string& path, const std::string& format, const ReadOptions& options) {
  const bool has_rate = !std::isnan(options.fps);
  if (clock_of(format).exists) {
    if (!has_rate) return;
    throw OptionError("fps: wanted only for what has no times of its own; got " + path + " (" +
                      format + ")");
  }
  const bool is_window = !std::isinf(options.start) || !std::isinf(options.end);
  if (is_window && !has_rate) {
    throw OptionError("start, end: wanted fps too; got " + path + ", a raw stream (" + format +
                      ") without times of its own");
  }
}

void check_frame_size(const std::string& path, std::int64_t width, std::int64_t height) {
  if (width == 0) std::tie(width, height) = gif_size(path);
  if (width <= 0 || height <= 0 || width <= kMaxFramePixels / height) return;
  throw InputError(path + ": its frames are too large; wanted at most " +
                   std::to_string(kMaxFramePixels) + " pixels; got " + std::to_string(width) +
                   " x " + std::to_string(height));
}

}  // namespace mien
