// The CUDA emulator's threads: runs the threads of a block on one CPU thread. Threads that reach no
// barrier are plain calls, one after the other on the same fiber; a thread that waits at a barrier
// keeps its fiber, and the next thread gets another.
//
// Under ThreadSanitizer each thread of a launch's first blocks has a fiber of its own, and the
// sanitizer is informed of no order between them except for barriers. So it finds races that
// threads of a device would have, although here they run in turn. This file itself is not
// instrumented (CMakeLists.txt).
#include <cuda_runtime.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif
#ifdef MIEN_EMULATOR_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace mien::cuda::emulator {
namespace {

#ifdef MIEN_EMULATOR_TSAN
constexpr unsigned kBlocksOfFibers = 16;  // blocks per launch, as such threads are slow to start
void happens_before(char& what) { __tsan_release(&what); }
void happens_after(char& what) { __tsan_acquire(&what); }
#else
constexpr unsigned kBlocksOfFibers = 0;
void happens_before(char&) {}
void happens_after(char&) {}
#endif

constexpr std::size_t kStackBytes = std::size_t{256} << 10;  // committed as far as it is used
constexpr std::size_t kGuardBytes = std::size_t{4} << 10;    // makes a stack overflow a fault

[[noreturn]] void fail(const char* what, const std::source_location& where) {
  std::fprintf(stderr, "CUDA emulator: block (%u, %u, %u): %s, at %s:%u\n", blockIdx.x, blockIdx.y,
               blockIdx.z, what, where.file_name(), where.line());
  std::abort();
}

// An execution context, and what sanitizers need to know about its stack.
struct Context {
  ucontext_t registers{};
  const void* stack = nullptr;
  std::size_t stack_bytes = 0;
  void* fake_stack = nullptr;    // AddressSanitizer's
  void* tsan_context = nullptr;  // ThreadSanitizer's
};

struct Fiber : Context {
  explicit Fiber(void (*entry)()) {
    memory = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    mprotect(memory, kGuardBytes, PROT_NONE);
    stack = static_cast<char*>(memory) + kGuardBytes;
    stack_bytes = kStackBytes - kGuardBytes;
    getcontext(&registers);
    registers.uc_stack.ss_sp = const_cast<void*>(stack);
    registers.uc_stack.ss_size = stack_bytes;
    makecontext(&registers, entry, 0);
#ifdef MIEN_EMULATOR_TSAN
    tsan_context = __tsan_create_fiber(0);
#endif
  }
  ~Fiber() {
#ifdef MIEN_EMULATOR_TSAN
    __tsan_destroy_fiber(tsan_context);
#endif
#ifdef __SANITIZE_ADDRESS__
    __asan_unpoison_memory_region(stack, stack_bytes);  // for the next user of this memory
#endif
    munmap(memory, kStackBytes);
  }
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  void* memory = nullptr;
  uint3 thread{};
  bool is_waiting = false;
  std::source_location barrier;
};

// Must be the first call of a context after each switch to it.
void arrived(Context& self, [[maybe_unused]] Context* from) {
#ifdef __SANITIZE_ADDRESS__
  if (from == nullptr) {
    __sanitizer_finish_switch_fiber(self.fake_stack, nullptr, nullptr);
  } else {
    __sanitizer_finish_switch_fiber(self.fake_stack, &from->stack, &from->stack_bytes);
  }
#else
  static_cast<void>(self);
#endif
}

void switch_contexts(Context& from, Context& to) {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_start_switch_fiber(&from.fake_stack, to.stack, to.stack_bytes);
#endif
#ifdef MIEN_EMULATOR_TSAN
  __tsan_switch_to_fiber(to.tsan_context, __tsan_switch_to_fiber_no_sync);
#endif
  swapcontext(&from.registers, &to.registers);
  arrived(from, nullptr);
}

class Block {
 public:
  // Threads start in order or in reverse, and each barrier reverses the order, so that a kernel
  // that lacks a barrier gives wrong numbers.
  void run(const std::function<void()>& kernel, unsigned block) {
    kernel_ = &kernel;
    is_fiber_per_thread_ = block < kBlocksOfFibers;
    count_ = blockDim.x * blockDim.y * blockDim.z;
    started_ = 0;
    finished_ = 0;
    is_reversed_ = block % 2 == 0;
#ifdef MIEN_EMULATOR_TSAN
    host_.tsan_context = __tsan_get_current_fiber();
#endif
    happens_before(start_);
    std::vector<Fiber*> waiting;
    while (started_ < count_) {
      Fiber& fiber = take_fiber(is_fiber_per_thread_ ? started_ : waiting.size());
      resume(fiber);
      if (fiber.is_waiting) waiting.push_back(&fiber);
    }
    while (!waiting.empty()) {
      check_barrier(waiting);
      std::reverse(waiting.begin(), waiting.end());
      for (Fiber* fiber : waiting) resume(*fiber);
      std::erase_if(waiting, [](const Fiber* fiber) { return !fiber->is_waiting; });
    }
    happens_after(end_);
  }

  void wait(const std::source_location& where) {
    Fiber& fiber = *running_;
    fiber.is_waiting = true;
    fiber.barrier = where;
    happens_before(barrier_);
    switch_contexts(fiber, host_);
    happens_after(barrier_);
    threadIdx = fiber.thread;
  }

  static Block& of_this_thread() {
    thread_local Block block;
    return block;
  }

 private:
  Fiber& take_fiber(std::size_t i) {
    if (i == fibers_.size()) fibers_.push_back(std::make_unique<Fiber>(&Block::enter_fiber));
    return *fibers_[i];
  }

  void resume(Fiber& fiber) {
    fiber.is_waiting = false;
    running_ = &fiber;
    switch_contexts(host_, fiber);
  }

  static void enter_fiber() {
    Block& block = of_this_thread();
    arrived(*block.running_, &block.host_);
    for (;;) {
      block.start_threads();
      switch_contexts(*block.running_, block.host_);
    }
  }

  // Runs on a fiber: starts the remaining threads, until one has to wait or none is left.
  void start_threads() {
    Fiber& fiber = *running_;
    while (started_ < count_) {
      const unsigned i = is_reversed_ ? count_ - 1 - started_ : started_;
      ++started_;
      const unsigned row = i / blockDim.x;
      fiber.thread = {i % blockDim.x, row % blockDim.y, row / blockDim.y};
      threadIdx = fiber.thread;
      happens_after(start_);
      (*kernel_)();
      happens_before(end_);
      ++finished_;
      if (is_fiber_per_thread_) return;
    }
  }

  void check_barrier(const std::vector<Fiber*>& waiting) const {
    const std::source_location& where = waiting[0]->barrier;
    if (finished_ > 0) fail("some threads ended while others wait at a barrier", where);
    for (const Fiber* fiber : waiting) {
      if (fiber->barrier.line() != where.line()) fail("threads wait at different barriers", where);
    }
  }

  const std::function<void()>* kernel_ = nullptr;
  unsigned count_ = 0;
  unsigned started_ = 0;
  unsigned finished_ = 0;
  bool is_reversed_ = false;
  bool is_fiber_per_thread_ = false;
  // The address that ThreadSanitizer synchronizes on.
  char start_ = 0;
  char barrier_ = 0;
  char end_ = 0;
  Context host_;
  Fiber* running_ = nullptr;
  std::vector<std::unique_ptr<Fiber>> fibers_;
};

}  // namespace

// The limits of devices of compute capability 3.5 and above.
bool is_launchable(dim3 grid, dim3 block) {
  const auto within = [](unsigned n, unsigned most) { return n >= 1 && n <= most; };
  return within(block.x, 1024) && within(block.y, 1024) && within(block.z, 64) &&
         block.x * block.y * block.z <= 1024 && within(grid.x, 0x7fffffff) &&
         within(grid.y, 65535) && within(grid.z, 65535);
}

void run_grid(dim3 grid, dim3 block, const std::function<void()>& kernel) {
  gridDim = grid;
  blockDim = block;
  unsigned block_number = 0;
  for (blockIdx.z = 0; blockIdx.z < grid.z; ++blockIdx.z) {
    for (blockIdx.y = 0; blockIdx.y < grid.y; ++blockIdx.y) {
      for (blockIdx.x = 0; blockIdx.x < grid.x; ++blockIdx.x) {
        Block::of_this_thread().run(kernel, block_number++);
      }
    }
  }
}

}  // namespace mien::cuda::emulator

void __syncthreads(std::source_location where) {
  mien::cuda::emulator::Block::of_this_thread().wait(where);
}
