#include <cmath>
#include <limits>
#include <sstream>
#include <utility>

#include "mien/error.h"
#include "mien/video.h"
#include "video/decoder_ffmpeg.h"
#include "video/frame_view_ffmpeg.h"

namespace mien {
namespace {

// Converts images to Frames and selects those that were asked for. Always reads from the beginning
// of the file, so that frame numbers are exact.
class FileSource final : public VideoSource {
 public:
  FileSource(const std::string& path, const ReadOptions& options, int threads, Memory memory)
      : options_(options),
        decoder_(VideoDecoder::open(path, threads, memory)),
        orientation_(decoder_.demuxer().orientation()),
        viewer_(path) {}

  bool next(Frame& frame) override {
    Image image;
    while (!ended_ && decoder_.next(image)) {
      const std::int64_t index = decoded_++;
      if (!std::isnan(image.time)) {
        if (std::isnan(first_time_)) first_time_ = image.time;
        last_time_ = image.time;
      }
      if (last_time_ >= options_.end) break;
      if (!in_range() || in_range_++ % options_.every != 0) continue;
      frame = Frame{};
      frame.index = index;
      frame.time = image.time;
      if (image.frame) {
        const Orientation orientation = orientation_of(*image.frame);
        const double sar = sar_of(*image.frame);
        viewer_.view(std::move(image.frame), orientation, frame);
        frame.view.sar = orientation.transpose ? 1 / sar : sar;
      } else {
        frame.status = Status::kDecodeError;
      }
      return true;
    }
    if (!std::exchange(ended_, true)) check_not_empty();
    return false;
  }

  std::string decoder() const override { return decoder_.name(); }

 private:
  // A frame without a time is in the range if the frame before it is.
  bool in_range() const {
    return std::isinf(options_.start) ? options_.start < 0 : last_time_ >= options_.start;
  }

  // The container's orientation takes precedence over the frame's own (an H.264 message), as in
  // FFmpeg from version 7 on.
  Orientation orientation_of(const AVFrame& frame) const {
    if (orientation_) return *orientation_;
    const AVFrameSideData* side = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
    if (side == nullptr || side->size < 9 * sizeof(std::int32_t)) return {};
    const auto own = orientation_from_matrix(reinterpret_cast<const std::int32_t*>(side->data));
    if (!own) {
      throw InputError(
          decoder_.demuxer().path() +
          ": a frame's display matrix can't be applied; wanted a turn by a multiple of 90 degrees");
    }
    return *own;
  }

  // Of the stored frame. It may change from frame to frame where only the stream states it.
  double sar_of(const AVFrame& frame) const {
    return options_.sar > 0 ? options_.sar : believed(decoder_.demuxer().stated_sar(&frame));
  }

  void check_not_empty() const {
    const std::string& path = decoder_.demuxer().path();
    if (decoded_ == 0) {
      const std::string& error = decoder_.demuxer().read_error();
      throw InputError(path + ": holds no frames; wanted a video with at least one; got: " +
                       (error.empty() ? "an empty video stream" : error));
    }
    if (in_range_ == 0) {
      std::ostringstream text;
      text << path << ": no frame to analyse; wanted frames with start=" << options_.start
           << " <= time < end=" << options_.end << " seconds; got times " << first_time_ << " to "
           << last_time_;
      throw InputError(text.str());
    }
  }

  ReadOptions options_;
  VideoDecoder decoder_;
  std::optional<Orientation> orientation_;
  FrameViewer viewer_;
  std::int64_t decoded_ = 0;
  std::int64_t in_range_ = 0;
  double first_time_ = std::numeric_limits<double>::quiet_NaN();
  double last_time_ = std::numeric_limits<double>::quiet_NaN();
  bool ended_ = false;
};

}  // namespace

std::string video_decoder_version() {
  const unsigned v = avcodec_version();
  return "libavcodec " + std::to_string(AV_VERSION_MAJOR(v)) + "." +
         std::to_string(AV_VERSION_MINOR(v)) + "." + std::to_string(AV_VERSION_MICRO(v));
}

VideoInfo probe_video(const std::string& path, const ReadOptions& options) {
  options.validate();
  return Demuxer(path).info(options.sar);
}

std::unique_ptr<VideoSource> open_video(const std::string& path, const ReadOptions& options,
                                        int decoder_threads, Memory memory) {
  options.validate();
  if (decoder_threads < 0 || decoder_threads > 256) {
    throw OptionError("decoder_threads: wanted 0 to 256, got " + std::to_string(decoder_threads));
  }
  return std::make_unique<FileSource>(path, options, decoder_threads, memory);
}

}  // namespace mien
