#include "video/demuxer_ffmpeg.h"

#include <cstring>
#include <filesystem>
#include <mutex>

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
  if (std::filesystem::is_regular_file(status) && std::filesystem::file_size(path, error) == 0) {
    refuse(path, "can't be read", "an empty file");
  }
}

ffmpeg::FormatPtr open_format(const std::string& path) {
  AVDictionary* options = nullptr;
  // A playlist that calls itself a video must not make us fetch other things.
  av_dict_set(&options, "protocol_whitelist", "file", 0);
  AVFormatContext* raw = nullptr;
  // "file:" keeps FFmpeg from reading a protocol into a name with a colon.
  const int result = avformat_open_input(&raw, ("file:" + path).c_str(), nullptr, &options);
  av_dict_free(&options);
  if (result < 0) refuse(path, "can't be opened as a video", error_text(result));
  ffmpeg::FormatPtr format(raw);
  // FFmpeg draws plain text as images of a terminal.
  if (std::strcmp(format->iformat->name, "tty") == 0) {
    refuse(path, "can't be opened as a video", "a text file");
  }
  return format;
}

double seconds(std::int64_t ticks, AVRational base) {
  return static_cast<double>(ticks) * base.num / base.den;
}

}  // namespace

Demuxer::Demuxer(const std::string& path) : path_(path) {
  quiet_log();
  check_file(path);
  format_ = open_format(path);
  const int found = avformat_find_stream_info(format_.get(), nullptr);
  if (found < 0) refuse(path, "can't be opened as a video", error_text(found));
  const int index = av_find_best_stream(format_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (index == AVERROR_DECODER_NOT_FOUND)
    refuse(path, "no decoder for its codec", error_text(index));
  if (index < 0) refuse(path, "has no video stream", format_->iformat->long_name);
  stream_ = format_->streams[index];
  if ((stream_->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) {
    refuse(path, "has no video stream", "a cover image only");
  }
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
  if (stream_->avg_frame_rate.den != 0) info.frame_rate = av_q2d(stream_->avg_frame_rate);
  info.frames = stream_->nb_frames;
  if (stream_->duration != AV_NOPTS_VALUE) {
    info.duration = seconds(stream_->duration, stream_->time_base);
  } else if (format_->duration != AV_NOPTS_VALUE) {
    info.duration = seconds(format_->duration, AVRational{1, AV_TIME_BASE});
  }
  return info;
}

bool Demuxer::read(AVPacket& packet) {
  while (true) {
    av_packet_unref(&packet);
    const int result = av_read_frame(format_.get(), &packet);
    if (result < 0) {
      if (result != AVERROR_EOF) read_error_ = error_text(result);
      return false;
    }
    if (packet.stream_index == stream_->index) return true;
  }
}

TimeBase Demuxer::time_base() const { return {stream_->time_base.num, stream_->time_base.den}; }

bool Demuxer::is_avi() const { return std::strcmp(format_->iformat->name, "avi") == 0; }

ContainerInfo Demuxer::container() const {
  ContainerInfo info;
  info.format = format_->iformat->name;
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
  for (int i = 0; i < avformat_index_get_entries_count(stream_); ++i) {
    const AVIndexEntry* entry = avformat_index_get_entry(stream_, i);
    const bool is_discarded = (entry->flags & AVINDEX_DISCARD_FRAME) != 0;
    info.index.push_back({entry->timestamp, entry->pos, entry->size, is_discarded});
  }
  return info;
}

}  // namespace mien
