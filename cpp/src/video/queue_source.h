// A source that the caller fills: arrays, or frames of another decoder.
#pragma once

#include <memory>
#include <string>

#include "mien/engine.h"
#include "runtime/bounded_queue.h"

namespace mien {

class QueueSource : public FrameSource {
 public:
  explicit QueueSource(std::size_t capacity)
      : queue_(std::make_shared<BoundedQueue<Frame>>(capacity)) {}

  // The producer's end; stays valid after the source was moved into an engine.
  class Feed {
   public:
    explicit Feed(std::shared_ptr<BoundedQueue<Frame>> queue) : queue_(std::move(queue)) {}
    // Blocks while the queue is full. Returns false if the consumer has stopped reading.
    bool push(Frame frame) { return queue_->push(std::move(frame)); }
    void close() { queue_->close(); }

   private:
    std::shared_ptr<BoundedQueue<Frame>> queue_;
  };
  Feed feed() const { return Feed(queue_); }

  ~QueueSource() override { queue_->abandon(); }
  bool next(Frame& frame) override { return queue_->pop(frame); }
  void cancel() override { queue_->abandon(); }

 private:
  std::shared_ptr<BoundedQueue<Frame>> queue_;
};

}  // namespace mien
