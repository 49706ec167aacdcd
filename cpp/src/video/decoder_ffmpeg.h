// video/: video files to frames. Decodes packets to images in presentation order, including lost
// ones.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "mien/data.h"
#include "video/demuxer_ffmpeg.h"
#include "video/ffmpeg_raii.h"
#include "video/frame_account.h"

namespace mien {

struct Image {
  ffmpeg::FramePtr frame;  // null if it could not be decoded
  double time = 0;         // seconds; NaN if the container gives none. Not always rising
};

class VideoDecoder {
 public:
  // `threads` 0: one, or a few for large images. With Memory::kCuda, NVDEC decodes what it can.
  // `fps`: of a file without a clock, NaN if unknown.
  static VideoDecoder open(const std::string& path, int threads, Memory memory, double fps);

  // The codec and, unless it is the CPU, the decoder: "h264", "h264 (nvdec)".
  std::string name() const;
  const Demuxer& demuxer() const { return demuxer_; }
  FrameAccount& account() { return account_; }
  // From any thread: `next` returns false soon.
  void cancel() { demuxer_.cancel(); }
  // Returns false at the end.
  bool next(Image& image);

 private:
  VideoDecoder(const std::string& path, int threads, AVBufferRef* device, double fps);

  bool starts_on_device();
  void advance();  // by one frame or one packet, or to the end
  void send();     // the next packet, or the end of the stream
  bool receive();  // a frame; false if none is ready
  void flush();
  void finish();
  void add_frame(ffmpeg::FramePtr frame);
  void add_lost(const std::vector<double>& times);

  Demuxer demuxer_;
  ffmpeg::CodecPtr codec_;
  ffmpeg::PacketPtr packet_;
  FrameAccount account_;
  std::deque<Image> ready_;
  std::int64_t packets_ = 0;  // sent to the decoder
  bool may_have_frames_ = false;
  bool flushing_ = false;
  bool ended_ = false;
  bool on_device_ = false;
};

}  // namespace mien
