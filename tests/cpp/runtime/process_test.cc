#include "runtime/process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace mien {
namespace {

// What a child says by its exit status: 0 if `holds`.
template <typename Holds>
bool holds_in_a_child(const Holds& holds) {
  const pid_t child = fork();
  if (child == 0) _exit(holds() ? 0 : 1);
  int status = -1;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Process, AChildIsOfTheNextGeneration) {
  const std::uint64_t own = process_generation();
  EXPECT_TRUE(holds_in_a_child([own] { return process_generation() == own + 1; }));
  EXPECT_EQ(process_generation(), own);
}

TEST(Process, AForkWaitsForTheCallsOfOtherThreads) {
  std::atomic<bool> is_inside{false};
  std::atomic<bool> has_left{false};
  std::thread other([&] {
    const LibraryCall call;
    const LibraryCall nested;
    is_inside = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    has_left = true;
  });
  while (!is_inside) std::this_thread::yield();
  EXPECT_TRUE(holds_in_a_child([&] { return has_left.load(); }));
  other.join();
}

TEST(Process, CallsGoOnAfterAForkInBothProcesses) {
  EXPECT_TRUE(holds_in_a_child([] {
    const LibraryCall call;
    return true;
  }));
  const LibraryCall call;
}

TEST(Process, AThreadMayForkWithinACall) {
  const LibraryCall call;
  EXPECT_TRUE(holds_in_a_child([] {
    const LibraryCall nested;
    return true;
  }));
}

}  // namespace
}  // namespace mien
