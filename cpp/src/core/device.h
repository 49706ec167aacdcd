// Pixels and numbers on the current CUDA device, for the steps' *_cuda functions. Plain C++, so
// that callers need no CUDA header; defined only where the CUDA parts are built (dispatch.h).
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "mien/data.h"

namespace mien {

// Frames copied to the device once, for every step that reads them, and the queue of work on them:
// uploads and steps run in the order in which they were called. Errors are ProviderErrors.
class DeviceFrames {
 public:
  DeviceFrames();
  ~DeviceFrames();
  DeviceFrames(const DeviceFrames&) = delete;
  DeviceFrames& operator=(const DeviceFrames&) = delete;

  // Replaces what was there. The frames' pixels must stay until synchronize().
  void upload(const std::vector<FrameView>& frames);
  std::size_t size() const;
  // Waits for all work that was queued.
  void synchronize() const;

  class Impl;
  Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

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
