// The CUDA emulator's memory, streams and events.
#include <cuda_runtime.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <set>

// Work that runs when the stream is waited for.
struct CUstream_st {
  std::deque<std::function<void()>> work;
  std::uint64_t queued = 0;
  std::uint64_t done = 0;
};

// A position in a stream's work.
struct CUevent_st {
  cudaStream_t stream = nullptr;
  std::uint64_t after = 0;
};

namespace {

// One device with one lock, which serializes the work of all CPU threads. The lock is recursive, as
// waiting for an event is itself work on a stream.
struct Device {
  std::recursive_mutex mutex;
  std::map<std::uintptr_t, std::size_t> memory;  // address -> bytes
  std::set<cudaStream_t> streams;
};

Device& device() {
  // Never destroyed, as static objects may free memory at exit.
  static Device& the_device = *new Device;
  return the_device;
}

using Lock = std::lock_guard<std::recursive_mutex>;

// Whether [data, data + bytes) is device memory, and whether any of it is. The lock must be held.
bool is_in_device(const void* data, std::size_t bytes) {
  const auto address = reinterpret_cast<std::uintptr_t>(data);
  auto block = device().memory.upper_bound(address);
  if (block == device().memory.begin()) return false;
  --block;
  return address + bytes <= block->first + block->second && address < block->first + block->second;
}

bool touches_device(const void* data, std::size_t bytes) {
  const auto address = reinterpret_cast<std::uintptr_t>(data);
  auto block = device().memory.lower_bound(address + bytes);
  if (block == device().memory.begin()) return false;
  --block;
  return block->first + block->second > address;
}

bool fits(const void* data, std::size_t bytes, bool wanted_on_device) {
  return wanted_on_device ? is_in_device(data, bytes) : !touches_device(data, bytes);
}

bool is_copy(const void* to, std::size_t to_bytes, const void* from, std::size_t from_bytes,
             cudaMemcpyKind kind) {
  if (kind == cudaMemcpyDefault) return true;
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  return fits(to, to_bytes, to_device) && fits(from, from_bytes, from_device);
}

void run_until(cudaStream_t stream, std::uint64_t count) {
  while (stream->done < count && !stream->work.empty()) {
    const std::function<void()> next = std::move(stream->work.front());
    stream->work.pop_front();
    next();
    ++stream->done;
  }
}

void run_all() {
  for (cudaStream_t stream : device().streams) run_until(stream, stream->queued);
}

}  // namespace

void mien::cuda::emulator::enqueue(cudaStream_t stream, std::function<void()> work) {
  const Lock lock(device().mutex);
  if (stream == nullptr) return work();
  stream->work.push_back(std::move(work));
  ++stream->queued;
}

const char* cudaGetErrorName(cudaError_t status) {
  switch (status) {
    case cudaSuccess:
      return "cudaSuccess";
    case cudaErrorInvalidValue:
      return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation:
      return "cudaErrorMemoryAllocation";
    case cudaErrorInvalidConfiguration:
      return "cudaErrorInvalidConfiguration";
    case cudaErrorInvalidDevice:
      return "cudaErrorInvalidDevice";
  }
  return "an unknown status";
}
const char* cudaGetErrorString(cudaError_t status) { return cudaGetErrorName(status); }
cudaError_t cudaGetLastError() { return cudaSuccess; }

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaGetDevice(int* number) {
  *number = 0;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int number) { return number == 0 ? cudaSuccess : cudaErrorInvalidDevice; }
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int number) {
  if (number != 0) return cudaErrorInvalidDevice;
  std::strcpy(properties->name, "emulated (for tests)");
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
  const Lock lock(device().mutex);
  run_all();
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  const Lock lock(device().mutex);
  *stream = new CUstream_st;
  device().streams.insert(*stream);
  return cudaSuccess;
}
// As on a device, queued work is done first.
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const Lock lock(device().mutex);
  run_until(stream, stream->queued);
  device().streams.erase(stream);
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  const Lock lock(device().mutex);
  if (stream != nullptr) run_until(stream, stream->queued);
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  mien::cuda::emulator::enqueue(stream, [point = *event] {
    if (device().streams.count(point.stream) > 0) run_until(point.stream, point.after);
  });
  return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new CUevent_st;
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const Lock lock(device().mutex);
  *event = {stream, stream == nullptr ? 0 : stream->queued};
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const Lock lock(device().mutex);
  if (device().streams.count(event->stream) > 0) run_until(event->stream, event->after);
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** data, std::size_t bytes) {
  *data = nullptr;
  if (bytes == 0) return cudaSuccess;
  *data = std::malloc(bytes);
  if (*data == nullptr) return cudaErrorMemoryAllocation;
  std::memset(*data, 0xFF, bytes);
  const Lock lock(device().mutex);
  device().memory[reinterpret_cast<std::uintptr_t>(*data)] = bytes;
  return cudaSuccess;
}
// Waits for the device, as the real cudaFree does.
cudaError_t cudaFree(void* data) {
  if (data == nullptr) return cudaSuccess;
  const Lock lock(device().mutex);
  run_all();
  if (device().memory.erase(reinterpret_cast<std::uintptr_t>(data)) == 0) {
    return cudaErrorInvalidValue;
  }
  std::free(data);
  return cudaSuccess;
}
cudaError_t cudaMallocHost(void** data, std::size_t bytes) {
  *data = std::malloc(bytes);
  return *data == nullptr && bytes > 0 ? cudaErrorMemoryAllocation : cudaSuccess;
}
cudaError_t cudaFreeHost(void* data) {
  const Lock lock(device().mutex);
  run_all();
  std::free(data);
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  if (bytes == 0) return cudaSuccess;
  const Lock lock(device().mutex);
  if (!is_copy(to, bytes, from, bytes, kind)) return cudaErrorInvalidValue;
  mien::cuda::emulator::enqueue(stream, [=] { std::memmove(to, from, bytes); });
  return cudaSuccess;
}
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  return cudaMemcpyAsync(to, from, bytes, kind, nullptr);
}
// The last row may end at the end of the memory: a pitch only matters between rows.
cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from,
                              std::size_t from_pitch, std::size_t row_bytes, std::size_t rows,
                              cudaMemcpyKind kind, cudaStream_t stream) {
  if (row_bytes == 0 || rows == 0) return cudaSuccess;
  if (to_pitch < row_bytes || from_pitch < row_bytes) return cudaErrorInvalidValue;
  const Lock lock(device().mutex);
  if (!is_copy(to, (rows - 1) * to_pitch + row_bytes, from, (rows - 1) * from_pitch + row_bytes,
               kind)) {
    return cudaErrorInvalidValue;
  }
  mien::cuda::emulator::enqueue(stream, [=] {
    for (std::size_t i = 0; i < rows; ++i) {
      std::memmove(static_cast<char*>(to) + i * to_pitch,
                   static_cast<const char*>(from) + i * from_pitch, row_bytes);
    }
  });
  return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  if (bytes == 0) return cudaSuccess;
  const Lock lock(device().mutex);
  if (!is_in_device(to, bytes)) return cudaErrorInvalidValue;
  mien::cuda::emulator::enqueue(stream, [=] { std::memset(to, value, bytes); });
  return cudaSuccess;
}
cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  return cudaMemsetAsync(to, value, bytes, nullptr);
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* data) {
  const Lock lock(device().mutex);
  const bool is_device = is_in_device(data, 1);
  *attributes = {is_device ? cudaMemoryTypeDevice : cudaMemoryTypeUnregistered, is_device ? 0 : -1,
                 is_device ? const_cast<void*>(data) : nullptr, nullptr};
  return cudaSuccess;
}
