// Lets workers through one at a time in ticket order, for the step that must see frames in order
// (tracking).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace mien {

// Each of the tickets 0, 1, 2, ... must pass exactly once. There is no deadlock as long as the pool
// starts tickets in order: the lowest ticket that has started never waits.
class TicketSequencer {
 public:
  // The constructor blocks until all lower tickets have passed; the destructor lets the next ticket
  // pass, also during an exception.
  class Pass {
   public:
    Pass(TicketSequencer& sequencer, std::int64_t ticket) : sequencer_(sequencer) {
      std::unique_lock lock(sequencer_.mutex_);
      sequencer_.turn_.wait(lock, [&] { return sequencer_.now_ == ticket; });
    }
    ~Pass() {
      const std::lock_guard lock(sequencer_.mutex_);
      ++sequencer_.now_;
      sequencer_.turn_.notify_all();
    }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

   private:
    TicketSequencer& sequencer_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable turn_;
  std::int64_t now_ = 0;
};

}  // namespace mien
