#include "runtime/profile.h"

#include <ctime>

namespace mien {
namespace {

std::atomic<std::int64_t (*)()> allocation_counter{nullptr};

}  // namespace

void count_allocations_with(std::int64_t (*counter)()) { allocation_counter = counter; }

std::int64_t thread_allocations() {
  const auto counter = allocation_counter.load(std::memory_order_relaxed);
  return counter == nullptr ? 0 : counter();
}

std::int64_t thread_cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{1000000000} * now.tv_sec + now.tv_nsec;
}

std::vector<StepProfile> Profile::read() const {
  std::vector<StepProfile> steps;
  for (std::size_t i = 0; i < kSteps; ++i) {
    const Sums& sums = sums_[i];
    const auto seconds = [](const std::atomic<std::int64_t>& ns) {
      return static_cast<double>(ns.load(std::memory_order_relaxed)) * 1e-9;
    };
    steps.push_back({kStepNames[i], sums.calls.load(std::memory_order_relaxed), seconds(sums.wall),
                     seconds(sums.cpu), sums.allocations.load(std::memory_order_relaxed)});
  }
  return steps;
}

}  // namespace mien
