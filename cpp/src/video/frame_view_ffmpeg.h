// Decoded frames as FrameViews: upright, 8 bits a sample, still YUV.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "mien/buffer.h"
#include "mien/data.h"
#include "video/ffmpeg_raii.h"
#include "video/orientation.h"

namespace mien {

class FrameViewer {
 public:
  explicit FrameViewer(std::string path) : path_(std::move(path)) {}

  // Fills out.view and out.owner. 8-bit frames that stand upright are not copied. Throws InputError
  // for colours that FrameView can't describe.
  void view(ffmpeg::FramePtr frame, Orientation orientation, Frame& out);

 private:
  FrameView describe(const AVFrame& frame, const AVPixFmtDescriptor& format) const;
  void view_deep(const AVFrame& frame, const AVPixFmtDescriptor& format, Frame& out);
  ffmpeg::FramePtr convert(const AVFrame& frame, const AVPixFmtDescriptor& format);
  void expand_gray(FrameView& view);
  YuvMatrix matrix_of(const AVFrame& frame) const;

  std::string path_;
  ffmpeg::PixelPool deep_pool_;
  ffmpeg::PixelPool turn_pool_;
  ffmpeg::SwsPtr scaler_;
  std::shared_ptr<Buffer<std::uint8_t>> neutral_;  // a row of chroma 128
};

}  // namespace mien
