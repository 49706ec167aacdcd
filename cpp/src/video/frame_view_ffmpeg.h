// Decoded frames as FrameViews: upright, 8 bits per sample, still YUV, in the memory of the CPU or
// the device that decoded them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "device/device.h"
#include "mien/buffer.h"
#include "mien/data.h"
#include "video/ffmpeg_raii.h"
#include "video/orientation.h"

namespace mien {

class FrameViewer {
 public:
  explicit FrameViewer(std::string path) : path_(std::move(path)) {}

  // Fills out.view and out.owner. Upright 8-bit frames in CPU memory are not copied. Frames on a
  // device are copied there (DeviceImages). Throws InputError for colours that FrameView can't
  // describe.
  void view(ffmpeg::FramePtr frame, Orientation orientation, Frame& out);

 private:
  // A frame on a device as shown, before its samples are rounded to 8 bits.
  struct DeviceFrame {
    FrameView view;
    DeviceImages::Depth depth;
  };
  std::optional<DeviceFrame> describe_on_device(const AVFrame& frame,
                                                Orientation orientation) const;
  bool view_on_device(const AVFrame& frame, Orientation orientation, Frame& out);
  ffmpeg::FramePtr download(const AVFrame& frame) const;
  FrameView describe(const AVFrame& frame, const AVPixFmtDescriptor& format) const;
  void view_high_bit_depth(const AVFrame& frame, const AVPixFmtDescriptor& format, Frame& out);
  ffmpeg::FramePtr convert(const AVFrame& frame, const AVPixFmtDescriptor& format);
  void expand_gray(Frame& out);
  YuvMatrix matrix_of(const AVFrame& frame) const;

  std::string path_;
  ffmpeg::PixelPool rounded_pool_;
  ffmpeg::PixelPool turn_pool_;
  std::unique_ptr<DeviceImages> device_images_;
  ffmpeg::SwsPtr scaler_;
  std::shared_ptr<Buffer<std::uint8_t>> neutral_;  // a row of chroma 128
};

}  // namespace mien
