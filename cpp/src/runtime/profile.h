// Wall time, CPU time and allocations of each step of the engine. Off unless enabled in the
// options.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "mien/engine.h"

namespace mien {

enum class Step : std::uint8_t {
  kDecode,     // on the decode thread, without waiting for room in the queue
  kUpload,     // frames to the device; not used on the CPU
  kLetterbox,  // frame to detector input
  kDetect,     // detector network
  kDecodeFaces,
  kPatches,    // frame to patches around faces that may be turned (detect/turned.h)
  kWarp,       // frame to behaviour input
  kBehaviour,  // behaviour network
  kReadout,
  kTrack,
  kQueue,  // waiting for the turn to track; idle workers are not counted
};
inline constexpr std::size_t kSteps = 11;
inline constexpr std::array<const char*, kSteps> kStepNames = {
    "decode", "upload",    "letterbox", "detect", "decode_faces", "patches",
    "warp",   "behaviour", "readout",   "track",  "queue"};

// Summed over threads.
class Profile {
 public:
  void add(Step step, std::int64_t wall, std::int64_t cpu, std::int64_t allocations) {
    Sums& sums = sums_[static_cast<std::size_t>(step)];
    sums.calls.fetch_add(1, std::memory_order_relaxed);
    sums.wall.fetch_add(wall, std::memory_order_relaxed);
    sums.cpu.fetch_add(cpu, std::memory_order_relaxed);
    sums.allocations.fetch_add(allocations, std::memory_order_relaxed);
  }
  std::vector<StepProfile> read() const;

 private:
  struct Sums {
    std::atomic<std::int64_t> calls{0};
    std::atomic<std::int64_t> wall{0};  // nanoseconds
    std::atomic<std::int64_t> cpu{0};
    std::atomic<std::int64_t> allocations{0};
  };
  std::array<Sums, kSteps> sums_;
};

// CPU time of this thread, nanoseconds.
std::int64_t thread_cpu_time();
// Allocations of this thread so far if the program counts them (count_allocations_with), else 0.
std::int64_t thread_allocations();

// Measures the scope it lives in. With a null profile it costs one comparison.
class StepTimer {
 public:
  StepTimer(Profile* profile, Step step) : profile_(profile), step_(step) {
    if (profile_ == nullptr) return;
    allocations_ = thread_allocations();
    cpu_ = thread_cpu_time();
    begun_ = std::chrono::steady_clock::now();
  }
  ~StepTimer() {
    if (profile_ == nullptr) return;
    const auto wall = std::chrono::steady_clock::now() - begun_;
    profile_->add(step_, std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count(),
                  thread_cpu_time() - cpu_, thread_allocations() - allocations_);
  }
  StepTimer(const StepTimer&) = delete;
  StepTimer& operator=(const StepTimer&) = delete;

 private:
  Profile* profile_;
  Step step_;
  std::int64_t cpu_ = 0;
  std::int64_t allocations_ = 0;
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace mien
