// A stream and a feed as Python holds them: to be read, closed and dropped by any of its threads.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gil.h"
#include "mien/engine.h"
#include "mien/error.h"
#include "mien/video.h"
#include "video/queue_source.h"

namespace mien {

// Closing joins threads of the core, so it never happens with the GIL held. What a thread reads
// stays until it has come back; several are served one after another.
class OpenStream {
 public:
  explicit OpenStream(std::unique_ptr<Stream> stream, std::string decoder = "",
                      std::shared_ptr<const ReadNotes> notes = std::make_shared<ReadNotes>())
      : stream_(std::move(stream)), decoder_(std::move(decoder)), notes_(std::move(notes)) {}
  ~OpenStream() { close(); }

  std::optional<ResultBatch> next(std::size_t frames) {
    std::optional<ResultBatch> rows;
    {
      const ReleasedGil released;
      const std::shared_ptr<Stream> stream = opened();
      const std::lock_guard lock(next_mutex_);
      rows = stream->next(frames);
    }
    release_now();
    return rows;
  }
  void close() {
    {
      const ReleasedGil released;
      std::shared_ptr<Stream> stream;
      {
        const std::lock_guard lock(mutex_);
        stream = std::move(stream_);
      }
      if (stream) stream->cancel();
    }
    release_now();
  }
  const std::string& decoder() const { return decoder_; }
  std::vector<std::string> notes() const { return notes_->get(); }

 private:
  std::shared_ptr<Stream> opened() {
    const std::lock_guard lock(mutex_);
    if (!stream_) throw InputError("stream: it was closed");
    return stream_;
  }

  std::mutex mutex_;  // guards stream_; nothing waits while it is held
  std::mutex next_mutex_;
  std::shared_ptr<Stream> stream_;
  const std::string decoder_;
  const std::shared_ptr<const ReadNotes> notes_;
};

class Feed {
 public:
  explicit Feed(QueueSource::Feed feed) : feed_(std::move(feed)) {}
  bool push(std::int64_t index, double time, const FrameView& view,
            std::shared_ptr<const void> owner) {
    return push(Frame{index, time, Status::kNoFace, view, std::move(owner)});
  }
  bool push_lost(std::int64_t index, double time) {
    return push(Frame{index, time, Status::kDecodeError, {}, nullptr});
  }
  void close() {
    const ReleasedGil released;
    feed_.close();
  }

 private:
  bool push(Frame frame) {
    bool is_taken = false;
    {
      const ReleasedGil released;
      is_taken = feed_.push(std::move(frame));
    }
    release_now();
    return is_taken;
  }
  QueueSource::Feed feed_;
};

}  // namespace mien
