#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <sstream>
#include <utility>

#include "mien/error.h"
#include "mien/video.h"
#include "video/container_formats.h"
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
        decoder_(VideoDecoder::open(path, threads, memory, options.fps)),
        orientation_(decoder_.demuxer().orientation()),
        viewer_(path) {
    check_clock(path, decoder_.demuxer().format(), options);
    take_notes();
  }

  bool next(Frame& frame) override {
    Image image;
    while (!ended_ && !cancelled_ && decoder_.next(image)) {
      const std::int64_t index = decoded_++;
      if (!std::isnan(image.time)) {
        if (std::isnan(first_time_)) first_time_ = image.time;
        last_time_ = image.time;
      }
      if (is_behind_window()) break;
      if (!in_range() || in_range_++ % options_.every != 0) continue;
      frame = Frame{};
      frame.index = index;
      frame.time = decoder_.account().rising(image.time);
      take_notes();
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
    take_notes();
    if (!std::exchange(ended_, true) && !cancelled_) check_not_empty();
    return false;
  }

  void cancel() override {
    cancelled_ = true;
    decoder_.cancel();
  }

  std::string decoder() const override { return decoder_.name(); }
  std::shared_ptr<const ReadNotes> notes() const override { return notes_; }

 private:
  // A frame without a time is in the range if the frame before it is.
  bool in_range() const {
    if (last_time_ >= options_.end) return false;
    return std::isinf(options_.start) ? options_.start < 0 : last_time_ >= options_.start;
  }

  bool is_behind_window() {
    behind_ = last_time_ >= options_.end ? behind_ + 1 : 0;
    return behind_ >= kFramesBehindWindow;
  }

  void take_notes() {
    const FrameAccount& account = decoder_.account();
    if (std::exchange(noted_, account.changes()) != account.changes()) {
      notes_->set(account.notes());
    }
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
  int behind_ = 0;  // frames in a row behind the window
  std::int64_t noted_ = 0;
  std::shared_ptr<ReadNotes> notes_ = std::make_shared<ReadNotes>();
  std::atomic<bool> cancelled_ = false;
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
