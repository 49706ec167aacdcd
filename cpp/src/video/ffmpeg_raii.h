// RAII handles for FFmpeg's objects, its errors as text, and everything that differs between its
// versions (5.1 to 8). Only *_ffmpeg.cc files include this.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/buffer.h>
#include <libavutil/display.h>
#include <libavutil/frame.h>
#include <libavutil/hwcontext.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace mien::ffmpeg {

template <auto free_function>
struct FreeByAddress {
  template <typename T>
  void operator()(T* p) const {
    free_function(&p);
  }
};
struct FreeSws {
  void operator()(SwsContext* p) const { sws_freeContext(p); }
};
using FormatPtr = std::unique_ptr<AVFormatContext, FreeByAddress<avformat_close_input>>;
using CodecPtr = std::unique_ptr<AVCodecContext, FreeByAddress<avcodec_free_context>>;
using BufferPtr = std::unique_ptr<AVBufferRef, FreeByAddress<av_buffer_unref>>;
using PacketPtr = std::unique_ptr<AVPacket, FreeByAddress<av_packet_free>>;
using FramePtr = std::unique_ptr<AVFrame, FreeByAddress<av_frame_free>>;
using SwsPtr = std::unique_ptr<SwsContext, FreeSws>;

inline FramePtr make_frame() {
  FramePtr frame(av_frame_alloc());
  if (!frame) throw std::bad_alloc();
  return frame;
}

inline PacketPtr make_packet() {
  PacketPtr packet(av_packet_alloc());
  if (!packet) throw std::bad_alloc();
  return packet;
}

// Nothing for FFmpeg's "no time stamp".
inline std::optional<std::int64_t> known_stamp(std::int64_t stamp) {
  if (stamp == AV_NOPTS_VALUE) return std::nullopt;
  return stamp;
}

inline std::string error_text(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof text);
  return text;
}

// Buffers that return to the pool when their last owner is destroyed, and may outlive it.
class PixelPool {
 public:
  struct Block {
    std::uint8_t* data;
    std::shared_ptr<const void> owner;
  };

  Block get(std::size_t size) {
    if (!pool_ || size != size_) {
      pool_.reset(av_buffer_pool_init(size, nullptr));
      size_ = size;
    }
    AVBufferRef* buffer = pool_ ? av_buffer_pool_get(pool_.get()) : nullptr;
    if (buffer == nullptr) throw std::bad_alloc();
    return {buffer->data, std::shared_ptr<const void>(buffer, [](const void* p) {
              auto* b = static_cast<AVBufferRef*>(const_cast<void*>(p));
              av_buffer_unref(&b);
            })};
  }

 private:
  std::unique_ptr<AVBufferPool, FreeByAddress<av_buffer_pool_uninit>> pool_;
  std::size_t size_ = 0;
};

// The nine numbers (libavutil/display.h) of a stream's display matrix, or null.
inline const std::int32_t* stream_display_matrix(const AVStream& stream) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 30, 100)  // FFmpeg 6.1
  const AVCodecParameters* parameters = stream.codecpar;
  const AVPacketSideData* found = av_packet_side_data_get(
      parameters->coded_side_data, parameters->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  const std::uint8_t* data = found == nullptr ? nullptr : found->data;
  const std::size_t size = found == nullptr ? 0 : found->size;
#else
  std::size_t size = 0;
  const std::uint8_t* data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
#endif
  if (data == nullptr || size < 9 * sizeof(std::int32_t)) return nullptr;
  return reinterpret_cast<const std::int32_t*>(data);
}

}  // namespace mien::ffmpeg
