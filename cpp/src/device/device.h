// device/: frames and floats on the current CUDA device, for the steps' *_cuda functions. Plain
// C++, so that callers need no CUDA header; defined only where the CUDA parts are built
// (dispatch.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "mien/data.h"

namespace mien {

// Frames on the device and the CUDA stream of the work on them: uploads and steps run in the order
// of the calls. Errors are ProviderErrors.
//
// Note [Order of work]: our CUDA streams are non-blocking, so they do not wait for other streams by
// themselves. Images of other libraries on the device (NVDEC through FFmpeg, CuPy, PyTorch) are
// exchanged on the legacy default stream: the producer has queued its work there, or made that
// stream wait for it (which is what DLPack's stream=1 asks of a producer), and our stream waits for
// the legacy default stream before it reads.
class DeviceFrames {
 public:
  DeviceFrames();
  ~DeviceFrames();
  DeviceFrames(const DeviceFrames&) = delete;
  DeviceFrames& operator=(const DeviceFrames&) = delete;

  // Replaces the frames. Those in CPU memory are copied; those on the device are used in place,
  // with any strides, and must stay valid until synchronize().
  void upload(const std::vector<FrameView>& frames);
  std::size_t size() const;
  // Waits for all queued work.
  void synchronize() const;

  class Impl;
  Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// A pool of images in device memory. A decoder has few surfaces; they are copied here, so that they
// return to the decoder at once. The copies are queued on the legacy default stream (Note [Order of
// work]) without waiting. One thread at a time; owners may be destroyed on any thread, also after
// the pool. The constructor throws ProviderError if the CUDA parts were not built.
class DeviceImages {
 public:
  struct Image {
    FrameView view;
    std::shared_ptr<const void> owner;
  };
  // Samples of more than 8 bits: 16-bit words, least significant byte first, with `shift` bits
  // below the sample (6 for P010).
  struct Depth {
    int bits = 8;
    int shift = 0;
  };

  DeviceImages();
  ~DeviceImages();
  DeviceImages(const DeviceImages&) = delete;
  DeviceImages& operator=(const DeviceImages&) = delete;

  // Copies an image on the device, of any strides, into the layout of packed_view(), rounded to 8
  // bits as in video/high_bit_depth.h. The memory may be reused once `owner` is destroyed: work on
  // other streams that reads it must have finished before.
  Image copy(const FrameView& frame, Depth depth = {8, 0});
  // The RGB values of an image in CPU or device memory (data.h, Note [One RGB]), interleaved and in
  // square pixels (image/square_pixels.h).
  // `owner` may be destroyed while streams of other libraries still read the memory.
  Image rgb24(const FrameView& frame);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Copies an image on the device to CPU memory, as interleaved RGB, (height, width, 3), in square
// pixels.
void download_rgb24(const FrameView& frame, std::uint8_t* rgb);

// Makes later work of another library's stream wait for the work queued on the legacy default
// stream so far, or the reverse. Streams are numbered as in DLPack and __cuda_array_interface__: 1
// is the legacy default stream, 2 the per-thread one, anything else a cudaStream_t.
void order_after_legacy_stream(std::uintptr_t stream);
void order_legacy_stream_after(std::uintptr_t stream);

// The CUcontext of our kernels, for libraries that share it.
void* cuda_context();

// Floats on the device.
class DeviceFloats {
 public:
  explicit DeviceFloats(std::size_t size);
  ~DeviceFloats();
  DeviceFloats(const DeviceFloats&) = delete;
  DeviceFloats& operator=(const DeviceFloats&) = delete;

  float* data() const;  // a device pointer
  std::size_t size() const;
  // Queues a copy of the first `count` values to CPU memory on the stream of `frames`.
  void download(const DeviceFrames& frames, std::size_t count, float* to) const;
  // Waits for the work on `frames`, then copies all values.
  std::vector<float> download(const DeviceFrames& frames) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mien
