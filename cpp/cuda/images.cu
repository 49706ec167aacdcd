#include <dlfcn.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "cuda/launch.h"
#include "cuda/pixels.cuh"
#include "device/device.h"
#include "image/packed.h"
#include "image/square_pixels.h"
#include "image/tap.h"

namespace mien {
namespace {

// Blocks of one size, which return here when their owners are destroyed.
class Blocks : public std::enable_shared_from_this<Blocks> {
 public:
  struct Block {
    std::uint8_t* data;
    std::shared_ptr<const void> owner;
    bool is_used_again;
  };

  Blocks() = default;
  ~Blocks() { free_all(); }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;

  Block get(std::size_t size) {
    std::uint8_t* data = take(size);
    const bool is_used_again = data != nullptr;
    if (!is_used_again) MIEN_CUDA_CHECK(cudaMalloc(&data, size));
    const auto pool = shared_from_this();  // keeps the pool alive until its last block returns
    return {data,
            std::shared_ptr<const void>(
                data, [pool, data, size](const void*) { pool->give_back(data, size); }),
            is_used_again};
  }

 private:
  std::uint8_t* take(std::size_t size) {
    const std::lock_guard lock(mutex_);
    if (size != size_) free_all();
    size_ = size;
    if (free_.empty()) return nullptr;
    std::uint8_t* data = free_.back();
    free_.pop_back();
    return data;
  }
  void give_back(std::uint8_t* data, std::size_t size) {
    const std::lock_guard lock(mutex_);
    if (size == size_) {
      free_.push_back(data);
    } else {
      cudaFree(data);
    }
  }
  void free_all() {
    for (std::uint8_t* data : free_) cudaFree(data);
    free_.clear();
  }

  std::mutex mutex_;
  std::size_t size_ = 0;
  std::vector<std::uint8_t*> free_;
};

struct PlaneCopy {
  Plane from;
  std::uint8_t* to;
  std::ptrdiff_t row_stride;
  std::ptrdiff_t pixel_stride;
  int width;
  int height;
};
struct PlaneCopies {
  PlaneCopy plane[3];
};

// The same as round_row in video/high_bit_depth.cc.
__host__ __device__ std::uint8_t sample_of_8_bits(const std::uint8_t* at,
                                                  DeviceImages::Depth depth) {
  if (depth.bits == 8) return *at;
  const std::uint32_t word = at[0] | static_cast<std::uint32_t>(at[1]) << 8;
  const std::uint32_t value = (word >> depth.shift) & ((1u << depth.bits) - 1);
  const std::uint32_t rounded = (value + (1u << (depth.bits - 9))) >> (depth.bits - 8);
  return static_cast<std::uint8_t>(rounded < 255 ? rounded : 255);
}

// One thread per sample, one layer of the grid per plane.
__global__ void copy_kernel(PlaneCopies copies, DeviceImages::Depth depth) {
  const PlaneCopy& c = copies.plane[blockIdx.z];
  const int x = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const int y = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
  if (x >= c.width || y >= c.height) return;
  c.to[y * c.row_stride + x * c.pixel_stride] =
      sample_of_8_bits(c.from.data + y * c.from.row_stride + x * c.from.pixel_stride, depth);
}

// One thread per pixel.
__global__ void rgb24_kernel(DeviceFrame frame, std::uint8_t* rgb) {
  const int x = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const int y = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
  if (x >= frame.view.width || y >= frame.view.height) return;
  const cuda::Color color = cuda::with_reader(frame, [&](const auto& read) { return read(x, y); });
  std::uint8_t* at = rgb + 3 * (static_cast<std::size_t>(y) * frame.view.width + x);
  for (int c = 0; c < 3; ++c) at[c] = static_cast<std::uint8_t>(color.channel[c]);
}

// One thread per square pixel; the same sums as to_square_rgb24.
__global__ void square_rgb24_kernel(DeviceFrame frame, ImageSize shown, std::uint8_t* rgb) {
  const int x = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const int y = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
  if (x >= shown.width || y >= shown.height) return;
  const FrameView& view = frame.view;
  const bool is_wide = shown.width != view.width;
  const Tap tap = is_wide ? tap_at(x, static_cast<double>(view.width) / shown.width, view.width)
                          : tap_at(y, static_cast<double>(view.height) / shown.height, view.height);
  const int far = second_of(tap, is_wide ? view.width : view.height);
  std::uint8_t* at = rgb + 3 * (static_cast<std::size_t>(y) * shown.width + x);
  const cuda::Color color = cuda::with_reader(frame, [&](const auto& read) {
    const cuda::Color a = is_wide ? read(tap.first, y) : read(x, tap.first);
    const cuda::Color b = is_wide ? read(far, y) : read(x, far);
    cuda::Color mixed;
    for (int c = 0; c < 3; ++c) {
      mixed.channel[c] = cuda::mix(a.channel[c], b.channel[c], tap.second_weight);
    }
    return mixed;
  });
  for (int c = 0; c < 3; ++c) at[c] = static_cast<std::uint8_t>(color.channel[c] + 0.5f);
}

const dim3 kBlock(32, 8);

FrameView rgb24_view(int width, int height, const std::uint8_t* data) {
  FrameView rgb;
  rgb.width = width;
  rgb.height = height;
  rgb = packed_view(rgb, data);
  rgb.memory = Memory::kCuda;
  return rgb;
}

void write_rgb24(const FrameView& frame, std::uint8_t* rgb) {
  const DeviceFrame source{frame, yuv_coefficients(frame.matrix, frame.full_range)};
  const ImageSize shown = shown_size(frame);
  if (!(shown == ImageSize{frame.width, frame.height})) {
    const dim3 grid = cuda::image_grid(shown.width, shown.height, 1, kBlock);
    MIEN_CUDA_LAUNCH(square_rgb24_kernel, grid, kBlock, cudaStreamLegacy, source, shown, rgb);
    return;
  }
  const dim3 grid = cuda::image_grid(frame.width, frame.height, 1, kBlock);
  MIEN_CUDA_LAUNCH(rgb24_kernel, grid, kBlock, cudaStreamLegacy, source, rgb);
}

// Stream numbers of DLPack and __cuda_array_interface__: 1 and 2 are the default streams, others
// are handles.
cudaStream_t stream_of(std::uintptr_t number) {
  if (number == 1) return cudaStreamLegacy;
  if (number == 2) return cudaStreamPerThread;
  return reinterpret_cast<cudaStream_t>(number);
}

std::size_t rgb24_size(const FrameView& frame) {
  const ImageSize shown = shown_size(frame);
  return std::size_t{3} * static_cast<std::size_t>(shown.width) *
         static_cast<std::size_t>(shown.height);
}

}  // namespace

class DeviceImages::Impl {
 public:
  Image copy(const FrameView& frame, Depth depth) {
    Blocks::Block block = blocks_->get(packed_size(frame));
    FrameView view = packed_view(frame, block.data);
    PlaneCopies copies{};
    for (int i = 0; i < plane_count(frame); ++i) {
      const Plane& to = view.planes[i];
      copies.plane[i] = {frame.planes[i],       block.data + (to.data - block.data),
                         to.row_stride,         to.pixel_stride,
                         plane_width(frame, i), plane_height(frame, i)};
    }
    const auto layers = static_cast<std::size_t>(plane_count(frame));
    const dim3 grid = cuda::image_grid(frame.width, frame.height, layers, kBlock);
    MIEN_CUDA_LAUNCH(copy_kernel, grid, kBlock, cudaStreamLegacy, copies, depth);
    return {view, std::move(block.owner)};
  }

  Image rgb24(const FrameView& frame) {
    Blocks::Block block = blocks_->get(rgb24_size(frame));
    // Streams of other libraries may still read it, and which is unknown.
    if (block.is_used_again) MIEN_CUDA_CHECK(cudaDeviceSynchronize());
    if (frame.memory == Memory::kCuda) {
      write_rgb24(frame, block.data);
    } else {
      std::vector<std::uint8_t> rgb(rgb24_size(frame));
      to_square_rgb24(frame, rgb.data());
      MIEN_CUDA_CHECK(cudaMemcpy(block.data, rgb.data(), rgb.size(), cudaMemcpyHostToDevice));
    }
    const ImageSize shown = shown_size(frame);
    return {rgb24_view(shown.width, shown.height, block.data), std::move(block.owner)};
  }

 private:
  std::shared_ptr<Blocks> blocks_ = std::make_shared<Blocks>();
};

DeviceImages::DeviceImages() : impl_(std::make_unique<Impl>()) {}
DeviceImages::~DeviceImages() = default;
DeviceImages::Image DeviceImages::copy(const FrameView& frame, Depth depth) {
  return impl_->copy(frame, depth);
}
DeviceImages::Image DeviceImages::rgb24(const FrameView& frame) { return impl_->rgb24(frame); }

void download_rgb24(const FrameView& frame, std::uint8_t* rgb) {
  cuda::DeviceBuffer<std::uint8_t> pixels;
  pixels.resize(rgb24_size(frame));
  write_rgb24(frame, pixels.data());
  pixels.download(rgb, cudaStreamLegacy);
  MIEN_CUDA_CHECK(cudaStreamSynchronize(cudaStreamLegacy));
}

void order_after_legacy_stream(std::uintptr_t stream) {
  cuda::order(cudaStreamLegacy, stream_of(stream));
}

void order_legacy_stream_after(std::uintptr_t stream) {
  cuda::order(stream_of(stream), cudaStreamLegacy);
}

// The runtime has no function for its context; the driver, which it has loaded, does.
void* cuda_context() {
  MIEN_CUDA_CHECK(cudaFree(nullptr));  // creates the context
  using GetCurrent = int (*)(void**);
  void* driver = dlopen("libcuda.so.1", RTLD_NOW);  // stays open
  void* entry = driver == nullptr ? nullptr : dlsym(driver, "cuCtxGetCurrent");
  void* context = nullptr;
  if (entry == nullptr || reinterpret_cast<GetCurrent>(entry)(&context) != 0 ||
      context == nullptr) {
    throw ProviderError("CUDA: wanted the context of the current device, got none from the driver");
  }
  return context;
}

}  // namespace mien
