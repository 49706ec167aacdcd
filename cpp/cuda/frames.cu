#include <cstddef>

#include "cuda/frames.h"

namespace mien {
namespace {

// Bytes that travel as they lie: rows of `row_bytes`, `pitch` apart.
struct Block {
  const std::uint8_t* data;
  std::size_t pitch;
  std::size_t row_bytes;
  std::size_t rows;
};

int plane_count(const FrameView& f) { return f.model == ColorModel::kGray ? 1 : 3; }

std::size_t plane_width(const FrameView& f, int plane) {
  const int shift = f.model == ColorModel::kYuv && plane > 0 ? f.chroma_shift_x : 0;
  return static_cast<std::size_t>((f.width + (1 << shift) - 1) >> shift);
}

std::size_t plane_height(const FrameView& f, int plane) {
  const int shift = f.model == ColorModel::kYuv && plane > 0 ? f.chroma_shift_y : 0;
  return static_cast<std::size_t>((f.height + (1 << shift) - 1) >> shift);
}

bool is_planar(const FrameView& f) {
  for (int p = 0; p < plane_count(f); ++p) {
    const Plane& plane = f.planes[p];
    if (plane.pixel_stride != 1) return false;
    if (plane.row_stride < static_cast<std::ptrdiff_t>(plane_width(f, p))) return false;
  }
  return true;
}

bool is_packed(const FrameView& f) {
  if (f.model != ColorModel::kRgb) return false;
  for (int p = 0; p < 3; ++p) {
    const Plane& plane = f.planes[p];
    if (plane.data != f.planes[0].data + p || plane.pixel_stride != 3) return false;
    if (plane.row_stride != f.planes[0].row_stride) return false;
  }
  return f.planes[0].row_stride >= 3 * static_cast<std::ptrdiff_t>(f.width);
}

FrameView rgb_array(const std::uint8_t* rgb, int width, int height) {
  FrameView f;
  f.width = width;
  f.height = height;
  const std::ptrdiff_t row = 3 * static_cast<std::ptrdiff_t>(width);
  for (int p = 0; p < 3; ++p) f.planes[p] = {rgb + p, row, 3};
  return f;
}

// Of a planar or packed frame.
std::vector<Block> blocks_of(const FrameView& f) {
  const auto pitch = [&](int p) { return static_cast<std::size_t>(f.planes[p].row_stride); };
  if (!is_planar(f)) {
    return {{f.planes[0].data, pitch(0), 3 * plane_width(f, 0), plane_height(f, 0)}};
  }
  std::vector<Block> blocks;
  for (int p = 0; p < plane_count(f); ++p) {
    blocks.push_back({f.planes[p].data, pitch(p), plane_width(f, p), plane_height(f, p)});
  }
  return blocks;
}

}  // namespace

// Copies the frame behind `offset` and returns its view there.
FrameView DeviceFrames::Impl::place(const FrameView& frame, std::size_t& offset) {
  FrameView placed = frame;
  if (!is_planar(frame)) {
    placed = rgb_array(pixels_.data() + offset, frame.width, frame.height);
  }
  const std::vector<Block> blocks = blocks_of(frame);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Block& block = blocks[i];
    std::uint8_t* to = pixels_.data() + offset;
    if (is_planar(frame)) {
      placed.planes[i] = {to, static_cast<std::ptrdiff_t>(block.row_bytes), 1};
    }
    // The last row may end where the memory ends: a pitch is only read between rows.
    MIEN_CUDA_CHECK(cudaMemcpy2DAsync(to, block.row_bytes, block.data, block.pitch, block.row_bytes,
                                      block.rows, cudaMemcpyHostToDevice, stream_.get()));
    offset += block.row_bytes * block.rows;
  }
  return placed;
}

// Planar and packed frames travel as they are; any other layout as the RGB array that it is by
// definition (data.h, Note [One RGB]).
void DeviceFrames::Impl::upload(const std::vector<FrameView>& frames) {
  stream_.synchronize();  // earlier uploads read `views_` and `converted_`
  converted_.clear();
  std::vector<FrameView> sources;
  std::size_t bytes = 0;
  for (const FrameView& frame : frames) {
    FrameView source = frame;
    if (!is_planar(frame) && !is_packed(frame)) {
      converted_.emplace_back(3 * plane_width(frame, 0) * plane_height(frame, 0));
      to_rgb24(frame, converted_.back().data());
      source = rgb_array(converted_.back().data(), frame.width, frame.height);
    }
    for (const Block& block : blocks_of(source)) bytes += block.row_bytes * block.rows;
    sources.push_back(source);
  }
  pixels_.resize(bytes);
  views_.clear();
  std::size_t offset = 0;
  for (const FrameView& source : sources) {
    views_.push_back({place(source, offset), yuv_coefficients(source.matrix, source.full_range)});
  }
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
  MIEN_CUDA_CHECK(cudaMemcpyAsync(to, impl_->buffer.data(), count * sizeof(float),
                                  cudaMemcpyDeviceToHost, frames.impl().stream().get()));
}

std::vector<float> DeviceFloats::download(const DeviceFrames& frames) const {
  std::vector<float> values(size());
  const cuda::Stream& stream = frames.impl().stream();
  impl_->buffer.download(values.data(), stream.get());
  stream.synchronize();
  return values;
}

}  // namespace mien
