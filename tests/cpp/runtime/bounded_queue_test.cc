#include "runtime/bounded_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace mien {
namespace {

TEST(BoundedQueue, KeepsOrderThroughManyProducers) {
  BoundedQueue<std::pair<int, int>> queue(3);
  std::vector<std::thread> producers;
  for (int p = 0; p < 4; ++p) {
    producers.emplace_back([&, p] {
      for (int i = 0; i < 500; ++i) EXPECT_TRUE(queue.push({p, i}));
    });
  }
  std::vector<int> next(4, 0);
  std::pair<int, int> item;
  for (int n = 0; n < 2000; ++n) {
    ASSERT_TRUE(queue.pop(item));
    EXPECT_EQ(item.second, next[item.first]++);
  }
  for (std::thread& t : producers) t.join();
}

TEST(BoundedQueue, CloseDrainsThenEnds) {
  BoundedQueue<int> queue(4);
  queue.push(1);
  queue.push(2);
  queue.close();
  EXPECT_FALSE(queue.push(3));
  int item = 0;
  EXPECT_TRUE(queue.pop(item));
  EXPECT_TRUE(queue.pop(item));
  EXPECT_EQ(item, 2);
  EXPECT_FALSE(queue.pop(item));
}

TEST(BoundedQueue, AbandonReleasesAWaitingProducerAndDropsItems) {
  auto alive = std::make_shared<int>(0);
  BoundedQueue<std::shared_ptr<int>> queue(1);
  queue.push(alive);
  std::atomic<bool> refused{false};
  std::thread producer([&] { refused = !queue.push(alive); });
  queue.abandon();
  producer.join();
  EXPECT_TRUE(refused);
  EXPECT_EQ(alive.use_count(), 1);
}

}  // namespace
}  // namespace mien
