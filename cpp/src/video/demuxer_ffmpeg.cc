#include "video/demuxer_ffmpeg.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <new>
#include <vector>

#include "image/square_pixels.h"
#include "mien/error.h"
#include "video/declared_size.h"

namespace mien {
namespace {

using ffmpeg::error_text;

[[noreturn]] void refuse(const std::string& path, const std::string& what, const std::string& got) {
  throw InputError(path + ": " + what + "; wanted a video file; got: " + got);
}

// FFmpeg writes to stderr by default. A program that set its own level keeps it.
void quiet_log() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (av_log_get_level() == AV_LOG_INFO) av_log_set_level(AV_LOG_QUIET);
  });
}

// The system's own words are better than FFmpeg's for what is not a readable file.
void check_file(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    refuse(path, "no such file", "nothing there");
  }
  if (std::filesystem::is_directory(status)) refuse(path, "can't be read", "a directory");
  // A pipe can be read once, and its frames are read after a look at what it is.
  if (!std::filesystem::is_regular_file(status)) refuse(path, "can't be read", "a pipe or device");
  if (std::filesystem::file_size(path, error) == 0) {
    refuse(path, "can't be read", "an empty file");
  }
}

// What FFmpeg says of a format that isn't in its list is "Invalid argument".
std::string why_not_opened(int result) {
  if (result == AVERROR(EINVAL)) return "text, a playlist, or a format that isn't read";
  if (result == AVERROR_EXIT) return "no end of its header";
  return error_text(result);
}

// Looks at the first frames, but not at those that are too large.
int find_stream_info(AVFormatContext* format) {
  std::vector<AVDictionary*> options(format->nb_streams, nullptr);
  for (AVDictionary*& of_stream : options) {
    av_dict_set_int(&of_stream, "max_pixels", kMaxFramePixels, 0);
  }
  const int result = avformat_find_stream_info(format, options.empty() ? nullptr : options.data());
  for (AVDictionary*& of_stream : options) av_dict_free(&of_stream);
  return result;
}

double seconds(std::int64_t ticks, AVRational base) {
  return static_cast<double>(ticks) * base.num / base.den;
}

}  // namespace

bool Demuxer::Watch::is_over() const {
  const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - since;
  return cancelled || waited.count() > patience;
}

int Demuxer::asks_to_stop(void* watch) { return static_cast<Watch*>(watch)->is_over() ? 1 : 0; }

ffmpeg::FormatPtr Demuxer::open_format() {
  AVFormatContext* raw = avformat_alloc_context();
  if (raw == nullptr) throw std::bad_alloc();
  raw->interrupt_callback = {&asks_to_stop, watch_.get()};
  AVDictionary* options = nullptr;
  // A playlist that calls itself a video must not make us open other files.
  av_dict_set(&options, "protocol_whitelist", "file", 0);
  av_dict_set(&options, "format_whitelist", readable_formats().c_str(), 0);
  // "file:" keeps FFmpeg from reading a protocol into a name with a colon.
  const int result = avformat_open_input(&raw, ("file:" + path_).c_str(), nullptr, &options);
  av_dict_free(&options);
  if (result < 0) refuse(path_, "can't be opened as a video", why_not_opened(result));
  return ffmpeg::FormatPtr(raw);
}

Demuxer::Demuxer(const std::string& path, double patience)
    : path_(path), watch_(std::make_unique<Watch>()) {
  watch_->patience = patience;
  watch_->start();
  quiet_log();
  check_file(path);
  format_ = open_format();
  const int found = find_stream_info(format_.get());
  if (found < 0) refuse(path, "can't be opened as a video", error_text(found));
  const int index = av_find_best_stream(format_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (index == AVERROR_DECODER_NOT_FOUND)
    refuse(path, "no decoder for its codec", error_text(index));
  if (index < 0) refuse(path, "has no video stream", format_->iformat->long_name);
  stream_ = format_->streams[index];
  if ((stream_->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) {
    refuse(path, "has no video stream", "a cover image only");
  }
  check_frame_size(path, stream_->codecpar->width, stream_->codecpar->height);
  // Other streams are not even read: a file that breaks in its sound still has its images.
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    if (static_cast<int>(i) != index) format_->streams[i]->discard = AVDISCARD_ALL;
  }
}

std::optional<Orientation> Demuxer::orientation() const {
  const std::int32_t* matrix = ffmpeg::stream_display_matrix(*stream_);
  if (matrix == nullptr) return std::nullopt;
  const auto orientation = orientation_from_matrix(matrix);
  if (!orientation) {
    throw InputError(
        path_ +
        ": its display matrix can't be applied; wanted a turn by a multiple of 90 degrees; got " +
        std::to_string(-av_display_rotation_get(matrix)) + " degrees");
  }
  return orientation;
}

StatedSar Demuxer::stated_sar(const AVFrame* frame) const {
  const AVRational candidates[] = {stream_->sample_aspect_ratio,
                                   frame == nullptr ? AVRational{0, 1} : frame->sample_aspect_ratio,
                                   stream_->codecpar->sample_aspect_ratio};
  for (const AVRational& sar : candidates) {
    const StatedSar stated{sar.num, sar.den};
    if (!stated.says_nothing()) return stated;
  }
  return {};
}

VideoInfo Demuxer::info(double sar) const {
  const AVCodecParameters& parameters = *stream_->codecpar;
  const Orientation shown = orientation().value_or(Orientation{});
  const char* pixel_format = av_get_pix_fmt_name(static_cast<AVPixelFormat>(parameters.format));
  VideoInfo info;
  info.codec = avcodec_get_name(parameters.codec_id);
  info.pixel_format = pixel_format == nullptr ? "" : pixel_format;
  const StatedSar stated = stated_sar();
  info.sar = sar > 0 ? sar : believed(stated);
  if (sar == 0 && !stated.says_nothing() && !stated.is_believed()) info.stated_sar = stated.text();
  const ImageSize size = shown_size(parameters.width, parameters.height, info.sar);
  info.width = shown.transpose ? size.height : size.width;
  info.height = shown.transpose ? size.width : size.height;
  info.rotation = shown.rotation();
  info.frames = stream_->nb_frames;
  if (!clock_of(format()).exists) return info;
  if (stream_->avg_frame_rate.den != 0) info.frame_rate = av_q2d(stream_->avg_frame_rate);
  if (stream_->duration != AV_NOPTS_VALUE) {
    info.duration = seconds(stream_->duration, stream_->time_base);
  } else if (format_->duration != AV_NOPTS_VALUE) {
    info.duration = seconds(format_->duration, AVRational{1, AV_TIME_BASE});
  }
  return info;
}

bool Demuxer::read(AVPacket& packet) {
  watch_->start();
  while (true) {
    av_packet_unref(&packet);
    const int result = av_read_frame(format_.get(), &packet);
    if (result < 0) {
      if (result == AVERROR_EXIT)
        read_error_ = "no packet in " + std::to_string(watch_->patience) + " s";
      else if (result != AVERROR_EOF)
        read_error_ = error_text(result);
      return false;
    }
    if (packet.stream_index == stream_->index) return true;
  }
}

TimeBase Demuxer::time_base() const { return {stream_->time_base.num, stream_->time_base.den}; }

std::string Demuxer::format() const { return format_->iformat->name; }

ContainerInfo Demuxer::container(std::size_t most_entries) const {
  ContainerInfo info;
  info.format = format();
  info.size = avio_size(format_->pb);
  info.declared_size = declared_size(path_);
  info.frames = stream_->nb_frames;
  if (stream_->avg_frame_rate.den != 0) info.frame_rate = av_q2d(stream_->avg_frame_rate);
  info.time_base = time_base();
  info.duration = ffmpeg::known_stamp(stream_->duration);
  const AVDictionaryEntry* tag = av_dict_get(stream_->metadata, "DURATION", nullptr, 0);
  if (tag != nullptr) info.duration_tag = tag->value;
  if (format_->nb_streams == 1 && format_->duration != AV_NOPTS_VALUE) {
    info.file_duration = seconds(format_->duration, AVRational{1, AV_TIME_BASE});
  }
  const auto entries = static_cast<std::size_t>(avformat_index_get_entries_count(stream_));
  for (std::size_t i = 0; i < std::min(entries, most_entries); ++i) {
    const AVIndexEntry* entry = avformat_index_get_entry(stream_, static_cast<int>(i));
    const bool is_discarded = (entry->flags & AVINDEX_DISCARD_FRAME) != 0;
    info.index.push_back({entry->timestamp, entry->pos, entry->size, is_discarded});
  }
  return info;
}

}  // namespace mien
