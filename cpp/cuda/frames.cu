#include <algorithm>
#include <cstddef>

#include "cuda/frames.h"
#include "image/packed.h"

namespace mien {

// Frames in CPU memory are packed into pinned memory and uploaded in one copy.
void DeviceFrames::Impl::upload(const std::vector<FrameView>& frames) {
  const auto is_on_cpu = [](const FrameView& f) { return f.memory == Memory::kCpu; };
  stream_.synchronize();  // earlier uploads read `views_` and `staging_`
  std::size_t bytes = 0;
  for (const FrameView& frame : frames) bytes += is_on_cpu(frame) ? packed_size(frame) : 0;
  staging_.resize(bytes);
  pixels_.resize(bytes);
  views_.clear();
  std::size_t offset = 0;
  for (const FrameView& frame : frames) {
    FrameView view = frame;
    if (is_on_cpu(frame)) {
      make_packed(frame, staging_.data() + offset);
      view = packed_view(frame, pixels_.data() + offset);
      view.memory = Memory::kCuda;
      offset += packed_size(frame);
    }
    views_.push_back({view, yuv_coefficients(view.matrix, view.full_range)});
  }
  if (!std::all_of(frames.begin(), frames.end(), is_on_cpu)) {
    cuda::order(cudaStreamLegacy, stream_.get());
  }
  if (bytes > 0) pixels_.upload(staging_.data(), bytes, stream_.get());
  frames_.upload(views_.data(), views_.size(), stream_.get());
}

DeviceFrames::DeviceFrames() : impl_(std::make_unique<Impl>()) {}
DeviceFrames::~DeviceFrames() = default;
void DeviceFrames::upload(const std::vector<FrameView>& frames) { impl_->upload(frames); }
std::size_t DeviceFrames::size() const { return impl_->size(); }
void DeviceFrames::synchronize() const { impl_->stream().synchronize(); }

class DeviceFloats::Impl {
 public:
  cuda::DeviceBuffer<float> buffer;
};

DeviceFloats::DeviceFloats(std::size_t size) : impl_(std::make_unique<Impl>()) {
  impl_->buffer.resize(size);
}
DeviceFloats::~DeviceFloats() = default;
float* DeviceFloats::data() const { return impl_->buffer.data(); }
std::size_t DeviceFloats::size() const { return impl_->buffer.size(); }

void DeviceFloats::download(const DeviceFrames& frames, std::size_t count, float* to) const {
  impl_->buffer.download(to, count, frames.impl().stream().get());
}

std::vector<float> DeviceFloats::download(const DeviceFrames& frames) const {
  std::vector<float> values(size());
  download(frames, size(), values.data());
  frames.synchronize();
  return values;
}

}  // namespace mien
