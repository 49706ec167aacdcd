// cuda/: what kernels share. Frames as kernels see them. For .cu files only.
#pragma once

#include <cstdint>
#include <vector>

#include "cuda/device_buffer.h"
#include "cuda/pinned_buffer.h"
#include "cuda/stream.h"
#include "device/device.h"
#include "image/pixels.h"

namespace mien {

// A frame whose planes are in device memory, with any strides.
struct DeviceFrame {
  FrameView view;
  YuvCoefficients coefficients;
};

class DeviceFrames::Impl {
 public:
  void upload(const std::vector<FrameView>& frames);
  const DeviceFrame* frames() const { return frames_.data(); }  // a device pointer
  std::size_t size() const { return views_.size(); }
  // Sizes and layout; the planes point into device memory.
  const FrameView& view(std::size_t i) const { return views_[i].view; }
  const cuda::Stream& stream() const { return stream_; }

 private:
  cuda::Stream stream_;
  cuda::PinnedBuffer<std::uint8_t> staging_;  // frames in CPU memory, packed for the upload
  cuda::DeviceBuffer<std::uint8_t> pixels_;
  cuda::DeviceBuffer<DeviceFrame> frames_;
  std::vector<DeviceFrame> views_;
};

}  // namespace mien
