// Pixels and numbers on the current CUDA device, for the steps' *_cuda functions. Plain C++, so
// that callers need no CUDA header; defined only where the CUDA parts are built (dispatch.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "mien/data.h"

namespace mien {

// Frames on the device, for every step that reads them, and the queue of work on them: uploads and
// steps run in the order in which they were called. Errors are ProviderErrors.
//
// Note [Order of work]: our queues are CUDA streams that wait for nobody (non-blocking). Images
// that others make on the device (NVDEC through FFmpeg, CuPy, PyTorch) are taken from the legacy
// default stream: whoever hands one over has queued its making there, or made that stream wait for
// it (which is what DLPack's stream=1 asks of a producer), and our queue waits for that stream
// before it reads.
class DeviceFrames {
 public:
  DeviceFrames();
  ~DeviceFrames();
  DeviceFrames(const DeviceFrames&) = delete;
  DeviceFrames& operator=(const DeviceFrames&) = delete;

  // Replaces what was there. Frames on the host are copied; frames on the device are taken as they
  // lie, with any strides, and must stay until synchronize().
  void upload(const std::vector<FrameView>& frames);
  std::size_t size() const;
  // Waits for all work that was queued.
  void synchronize() const;

  class Impl;
  Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// Images in blocks of device memory that are used again: what a decoder's few surfaces are copied
// to, so that they go back to it at once. Their making is queued on the legacy default stream (Note
// [Order of work]) and not waited for. One thread at a time; owners may be let go anywhere, also
// after the pool. Where the CUDA parts were not built, there is no pool to be had: ProviderError.
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

  // A copy of an image on the device, of any strides, laid out as packed_view does it; rounded to
  // 8 bits as video/high_bit_depth.h says. The block may be used again once `owner` is let go:
  // whoever reads it on another stream waits for that before.
  Image copy(const FrameView& frame, Depth depth = {8, 0});
  // The RGB values of an image on the host or the device (data.h, Note [One RGB]), interleaved.
  // `owner` may be let go while others' streams still read the block.
  Image rgb24(const FrameView& frame);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Copies an image on the device to the host, as interleaved RGB, (height, width, 3).
void download_rgb24(const FrameView& frame, std::uint8_t* rgb);

// What is queued on a stream of others from now on waits for what lies on the legacy default
// stream; and the other way round. Streams are numbered as in DLPack and __cuda_array_interface__:
// 1 the legacy default stream, 2 the thread's own, else a cudaStream_t.
void order_after_legacy_stream(std::uintptr_t stream);
void order_legacy_stream_after(std::uintptr_t stream);

// The CUcontext that our kernels run in, for libraries that want to share it.
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
  // Queues a copy of the first `count` to the host, behind the work on `frames`.
  void download(const DeviceFrames& frames, std::size_t count, float* to) const;
  // Waits for the work on `frames`, then copies.
  std::vector<float> download(const DeviceFrames& frames) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mien
