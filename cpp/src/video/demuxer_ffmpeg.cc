#include "video/demuxer_ffmpeg.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <numeric>
#include <set>

#include "mien/error.h"
#include "video/declared_size.h"

namespace mien {
namespace {

using ffmpeg::error_text;

constexpr std::size_t kRecent = 64;  // H.264 and HEVC reorder at most 16 frames

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

VideoInfo Demuxer::info() const {
  const AVCodecParameters& parameters = *stream_->codecpar;
  const Orientation shown = orientation().value_or(Orientation{});
  const char* pixel_format = av_get_pix_fmt_name(static_cast<AVPixelFormat>(parameters.format));
  VideoInfo info;
  info.codec = avcodec_get_name(parameters.codec_id);
  info.pixel_format = pixel_format == nullptr ? "" : pixel_format;
  info.width = shown.transpose ? parameters.height : parameters.width;
  info.height = shown.transpose ? parameters.width : parameters.height;
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
    // An empty packet repeats the frame before it (AVI); decoders would take it for the end.
    if (packet.stream_index != stream_->index) continue;
    note(packet);
    if (packet.size > 0) return true;
  }
}

void Demuxer::note(const AVPacket& packet) {
  ++packets_;
  if (packet.size > 0) ++filled_packets_;
  last_position_ = packet.pos;
  last_broken_ = (packet.flags & AV_PKT_FLAG_CORRUPT) != 0;
  if ((packet.flags & AV_PKT_FLAG_DISCARD) != 0) return;
  const std::int64_t at = stamp(packet.pts, packet.dts);
  all_stamped_ = all_stamped_ && packet.pts != AV_NOPTS_VALUE;
  if (all_stamped_) {
    if (shown_ == 0) {
      first_stamp_ = least_stamp_ = greatest_stamp_ = at;
      if (packet.dts != AV_NOPTS_VALUE) delay_ = at - packet.dts;
    }
    least_stamp_ = std::min(least_stamp_, at);
    greatest_stamp_ = std::max(greatest_stamp_, at);
    step_ = std::gcd(step_, at - first_stamp_);
    reordered_ = reordered_ || packet.dts == AV_NOPTS_VALUE || at - packet.dts != delay_;
    recent_.push_back(at);
    if (recent_.size() > kRecent) recent_.pop_front();
  }
  ++shown_;
}

Demuxer::Missing Demuxer::missing() const {
  if (std::strncmp(format_->iformat->name, "mov,", 4) == 0) {
    Missing missing = missing_behind_end();
    if (!missing.stamps.empty() || missing.unplaced > 0) return missing;
  }
  const bool is_short = declared_size(path_) > avio_size(format_->pb);
  const bool broke_off = is_short || last_broken_ || !read_error_.empty();
  Missing missing;
  if (!broke_off && is_avi()) {
    missing.unplaced = listed_and_unread();
    return missing;
  }
  if (!broke_off && !is_matroska()) return missing;
  const std::int64_t promised = promised_frames();
  // Without other signs of damage, only more than a second is more than rounding.
  if (!broke_off && static_cast<double>(promised - packets_) <= av_q2d(stream_->avg_frame_rate))
    return missing;
  missing = missing_by_count(promised);
  // Only the index of a file may be cut off; but where reading broke off, or nothing says how many
  // frames there were, one row says that the rest is gone.
  const bool none = missing.stamps.empty() && missing.unplaced == 0;
  if (none && broke_off && !last_broken_ && (promised == 0 || !read_error_.empty()))
    missing.unplaced = 1;
  return missing;
}

// The container's count of frames, or what its constant rate makes of the stream's stated length; 0
// if it states neither.
std::int64_t Demuxer::promised_frames() const {
  if (stream_->nb_frames > 0) return stream_->nb_frames;
  // Other containers' durations start or end elsewhere (FLV), or are measured in what is left of
  // the file (MPEG-TS).
  if (!is_matroska()) return 0;
  const double rate = av_q2d(stream_->avg_frame_rate);
  // 0/0 where unknown
  if (!(rate > 0) || !all_stamped_ || shown_ < 2) return 0;
  const double spread = seconds(greatest_stamp_ - least_stamp_, stream_->time_base);
  const double skipped = spread * rate - static_cast<double>(shown_ - 1);
  // Frames shown before the last one read may lie behind the cut.
  if (skipped < -0.5 || skipped > (reordered_ ? 4.5 : 0.5)) return 0;
  // Durations count from time 0, wherever the first frame lies.
  const double start = std::max(0.0, seconds(least_stamp_, stream_->time_base));
  return std::llround((stated_duration() - start) * rate);
}

double Demuxer::stated_duration() const {
  if (stream_->duration != AV_NOPTS_VALUE) return seconds(stream_->duration, stream_->time_base);
  // "00:00:03.040000000"
  const AVDictionaryEntry* tag = av_dict_get(stream_->metadata, "DURATION", nullptr, 0);
  if (tag != nullptr) {
    int hours = 0;
    int minutes = 0;
    double rest = 0;
    if (std::sscanf(tag->value, "%d:%d:%lf", &hours, &minutes, &rest) == 3) {
      return hours * 3600 + minutes * 60 + rest;
    }
  }
  // The file's own length is that of its longest stream.
  const bool stated = format_->nb_streams == 1 && format_->duration != AV_NOPTS_VALUE;
  return stated ? seconds(format_->duration, AVRational{1, AV_TIME_BASE}) : 0;
}

bool Demuxer::is_avi() const { return std::strcmp(format_->iformat->name, "avi") == 0; }

bool Demuxer::is_matroska() const {
  return std::strncmp(format_->iformat->name, "matroska", 8) == 0;
}

// A damaged AVI file is searched for the next chunk that looks right; its index tells it from a
// shorter file.
std::int64_t Demuxer::listed_and_unread() const {
  std::int64_t listed = 0;
  for (int i = 0; i < avformat_index_get_entries_count(stream_); ++i) {
    if (avformat_index_get_entry(stream_, i)->size > 0) ++listed;
  }
  return std::max<std::int64_t>(0, listed - filled_packets_);
}

// MP4 and MOV list every sample with its place, so what lies behind the end of the file is known.
Demuxer::Missing Demuxer::missing_behind_end() const {
  const std::int64_t size = avio_size(format_->pb);
  if (size <= 0) return {};
  std::vector<const AVIndexEntry*> wanted;
  std::size_t gone = 0;
  const int count = avformat_index_get_entries_count(stream_);
  for (int i = 0; i < count; ++i) {
    const AVIndexEntry* entry = avformat_index_get_entry(stream_, i);
    if ((entry->flags & AVINDEX_DISCARD_FRAME) != 0) continue;
    wanted.push_back(entry);
    // The sample that the cut goes through was read, and its packet is marked as broken.
    if (entry->pos + entry->size > size && entry->pos != last_position_) ++gone;
  }
  if (gone == 0) return {};
  Missing missing;
  missing.stamps = place(wanted, gone);
  missing.unplaced = static_cast<std::int64_t>(gone - missing.stamps.size());
  return missing;
}

// The index gives coding times. They are presentation times but for a constant where nothing is
// reordered; and where the frame interval is constant, presentation times are the same grid, of
// which the packets read so far took some places.
std::vector<std::int64_t> Demuxer::place(const std::vector<const AVIndexEntry*>& wanted,
                                         std::size_t missing) const {
  std::vector<std::int64_t> stamps;
  if (shown_ == 0 || !all_stamped_) return stamps;
  if (!reordered_) {
    for (std::size_t i = wanted.size() - missing; i < wanted.size(); ++i) {
      stamps.push_back(wanted[i]->timestamp + delay_);
    }
    return stamps;
  }
  const std::int64_t step = wanted.size() < 2 ? 0 : wanted[1]->timestamp - wanted[0]->timestamp;
  for (std::size_t i = 1; i < wanted.size(); ++i) {
    if (wanted[i]->timestamp - wanted[i - 1]->timestamp != step) return stamps;
  }
  if (step <= 0 || step_ % step != 0) return stamps;
  const std::set<std::int64_t> taken(recent_.begin(), recent_.end());
  for (auto i = static_cast<std::int64_t>(wanted.size()); i-- > 0 && stamps.size() < missing;) {
    const std::int64_t at = least_stamp_ + i * step;
    if (!taken.contains(at)) stamps.push_back(at);
  }
  std::reverse(stamps.begin(), stamps.end());
  return stamps;
}

Demuxer::Missing Demuxer::missing_by_count(std::int64_t promised) const {
  Missing missing;
  const std::int64_t gone = promised - packets_;
  if (gone <= 0) return missing;
  // AVI counts its frames in units of the time base.
  const bool counted = is_avi() && !reordered_ && all_stamped_ && !recent_.empty();
  if (!counted) {
    missing.unplaced = gone;
    return missing;
  }
  for (std::int64_t i = 1; i <= gone; ++i) missing.stamps.push_back(recent_.back() + i);
  return missing;
}

}  // namespace mien
