#include "runtime/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <vector>

#include "runtime/ticket_sequencer.h"

namespace mien {
namespace {

TEST(ThreadPool, FinishesAllTasksBeforeItIsDestroyed) {
  std::atomic<int> sum{0};
  std::vector<std::atomic<int>> running(3);
  {
    ThreadPool pool(3);
    for (int i = 1; i <= 1000; ++i) {
      pool.submit([&, i](int worker) {
        EXPECT_EQ(running[static_cast<std::size_t>(worker)].fetch_add(1),
                  0);  // one task per thread
        sum += i;
        running[static_cast<std::size_t>(worker)].fetch_sub(1);
      });
    }
  }
  EXPECT_EQ(sum, 500500);
}

TEST(ThreadPool, ThereIsAtLeastOneCore) { EXPECT_GE(ThreadPool::available_cores(), 1); }

TEST(TicketSequencer, PassesInTicketOrderWhateverTheThreads) {
  for (int threads : {1, 2, 4}) {
    TicketSequencer sequencer;
    std::vector<int> order;
    {
      ThreadPool pool(threads);
      for (int ticket = 0; ticket < 200; ++ticket) {
        pool.submit([&, ticket](int) {
          const TicketSequencer::Pass pass(sequencer, ticket);
          order.push_back(ticket);  // one thread at a time
        });
      }
    }
    ASSERT_EQ(order.size(), 200u);
    for (int i = 0; i < 200; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
  }
}

}  // namespace
}  // namespace mien
