#include "video/decoder_ffmpeg.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "device/dispatch.h"
#include "mien/error.h"
#include "runtime/process.h"
#include "runtime/thread_pool.h"
#include "video/nvdec_ffmpeg.h"

namespace mien {
namespace {

// For frames with one face, decoding H.264 takes a quarter of all work at 640x360, half at 1280x720
// and two thirds at 1920x1080 (`mien bench --profile`), where a single decoder thread would leave
// the other cores idle.
int default_threads(const AVCodecParameters& parameters) {
  constexpr std::int64_t kLarge = std::int64_t{1280} * 720;
  if (std::int64_t{parameters.width} * parameters.height < kLarge) return 1;
  return std::clamp(ThreadPool::available_cores(), 1, 4);
}

// `device` is null for decoding on the CPU.
ffmpeg::CodecPtr open_codec(const Demuxer& demuxer, int threads, AVBufferRef* device) {
  const AVCodecParameters* parameters = demuxer.stream().codecpar;
  const std::string name = avcodec_get_name(parameters->codec_id);
  const AVCodec* codec =
      device == nullptr ? nullptr : ffmpeg::find_cuda_decoder(parameters->codec_id);
  if (codec == nullptr) {
    device = nullptr;
    codec = avcodec_find_decoder(parameters->codec_id);
  }
  if (codec == nullptr) {
    throw InputError(demuxer.path() +
                     ": no decoder for its codec; wanted one that FFmpeg decodes; got " + name);
  }
  ffmpeg::CodecPtr context(avcodec_alloc_context3(codec));
  if (!context) throw std::bad_alloc();
  int result = avcodec_parameters_to_context(context.get(), parameters);
  context->pkt_timebase = demuxer.stream().time_base;
  context->thread_count = threads > 0 ? threads : default_threads(*parameters);
  // Damaged frames are returned, marked as such, instead of being dropped.
  context->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
  context->max_pixels = kMaxFramePixels;
  if (device != nullptr) ffmpeg::decode_on(device, *context);
  if (result >= 0) {
    const LibraryCall call;
    result = avcodec_open2(context.get(), codec, nullptr);
  }
  if (result < 0) {
    throw InputError(demuxer.path() + ": its decoder can't be opened; wanted a " + name +
                     " stream; got: " + ffmpeg::error_text(result));
  }
  return context;
}

PacketInfo describe(const AVPacket& packet) {
  PacketInfo info;
  info.pts = ffmpeg::known_stamp(packet.pts);
  info.dts = ffmpeg::known_stamp(packet.dts);
  info.position = packet.pos;
  info.size = packet.size;
  info.is_broken = (packet.flags & AV_PKT_FLAG_CORRUPT) != 0;
  info.is_discarded = (packet.flags & AV_PKT_FLAG_DISCARD) != 0;
  info.duration = packet.duration;
  return info;
}

bool is_broken(const AVFrame& frame) {
  return frame.decode_error_flags != 0 || (frame.flags & AV_FRAME_FLAG_CORRUPT) != 0;
}

}  // namespace

VideoDecoder::VideoDecoder(const std::string& path, int threads, AVBufferRef* device, double fps)
    : demuxer_(path),
      codec_(open_codec(demuxer_, threads, device)),
      packet_(ffmpeg::make_packet()),
      account_(demuxer_.time_base(), demuxer_.format(), fps) {}

// Whether NVDEC supports a stream is known from its first frame: if not, the frame is in CPU
// memory, or there is none (FFmpeg's own AV1 decoder needs a device). Then decoding starts again,
// with the decoder and the number of threads for the CPU.
VideoDecoder VideoDecoder::open(const std::string& path, int threads, Memory memory, double fps) {
  if (memory == Memory::kCuda && !cuda_is_emulated()) {
    const ffmpeg::BufferPtr device = ffmpeg::make_cuda_device();
    if (device) {
      VideoDecoder decoder(path, 1, device.get(), fps);
      if (decoder.starts_on_device()) return decoder;
    }
  }
  return VideoDecoder(path, threads, nullptr, fps);
}

bool VideoDecoder::starts_on_device() {
  constexpr int kPackets = 64;  // more than any decoder holds back
  const auto is_whole = [](const Image& image) { return image.frame != nullptr; };
  auto first = ready_.end();
  while (first == ready_.end() && !ended_ && packets_ < kPackets) {
    advance();
    first = std::find_if(ready_.begin(), ready_.end(), is_whole);
  }
  on_device_ = first != ready_.end() && first->frame->hw_frames_ctx != nullptr;
  return on_device_;
}

std::string VideoDecoder::name() const {
  return std::string(avcodec_get_name(codec_->codec_id)) + (on_device_ ? " (nvdec)" : "");
}

bool VideoDecoder::next(Image& image) {
  while (ready_.empty() && !ended_) advance();
  if (ready_.empty()) return false;
  image = std::move(ready_.front());
  ready_.pop_front();
  return true;
}

// Frames are received one at a time, on demand: a device has few surfaces.
void VideoDecoder::advance() {
  if (may_have_frames_) may_have_frames_ = receive();
  if (may_have_frames_) return;
  if (flushing_) {
    finish();
  } else {
    send();
  }
}

void VideoDecoder::send() {
  if (!demuxer_.read(*packet_)) {
    flush();
    return;
  }
  PacketInfo info = describe(*packet_);
  const bool is_needed = account_.read(info);
  if (!is_needed) return;
  packet_->pts = info.pts.value_or(AV_NOPTS_VALUE);
  packet_->dts = info.dts.value_or(AV_NOPTS_VALUE);
  ++packets_;
  const int result = avcodec_send_packet(codec_.get(), packet_.get());
  if (result == AVERROR(ENOMEM)) throw std::bad_alloc();
  if (result < 0) account_.failed();
  may_have_frames_ = true;
}

bool VideoDecoder::receive() {
  ffmpeg::FramePtr frame = ffmpeg::make_frame();
  const int result = avcodec_receive_frame(codec_.get(), frame.get());
  if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return false;
  if (result == AVERROR(ENOMEM)) throw std::bad_alloc();
  if (result < 0) {
    account_.failed();
  } else {
    add_frame(std::move(frame));
  }
  return true;
}

void VideoDecoder::flush() {
  account_.end(demuxer_.container(account_.index_entries()), !demuxer_.read_error().empty());
  if (avcodec_send_packet(codec_.get(), nullptr) < 0) account_.failed();
  flushing_ = may_have_frames_ = true;
}

void VideoDecoder::finish() {
  add_lost(account_.finish());
  ended_ = true;
}

void VideoDecoder::add_frame(ffmpeg::FramePtr frame) {
  const auto pts = ffmpeg::known_stamp(frame->pts);
  const FrameAccount::Shown shown = account_.shown(pts ? pts : ffmpeg::known_stamp(frame->pkt_dts));
  add_lost(shown.lost);
  if (is_broken(*frame) || !shown.is_whole) frame.reset();
  ready_.push_back({std::move(frame), shown.time});
}

void VideoDecoder::add_lost(const std::vector<double>& times) {
  for (const double time : times) ready_.push_back({nullptr, time});
}

}  // namespace mien
