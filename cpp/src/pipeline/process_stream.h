// A stream that stays with the process that opened it.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "mien/engine.h"
#include "mien/error.h"
#include "runtime/process.h"

namespace mien {

// See Note [Fork]: in a child, the threads of the stream don't exist, and their locks stay as they
// were; so it is neither used nor destroyed there.
class ProcessStream : public Stream {
 public:
  explicit ProcessStream(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}
  ~ProcessStream() override {
    if (is_foreign()) static_cast<void>(stream_.release());
  }

  std::optional<ResultBatch> next(std::size_t frames) override {
    if (is_foreign()) {
      throw InputError(
          "stream: wanted the process that opened it, got a child that was forked later; open it "
          "in the child");
    }
    return stream_->next(frames);
  }
  void cancel() override {
    if (!is_foreign()) stream_->cancel();
  }

 private:
  bool is_foreign() const { return made_in_ != process_generation(); }

  const std::uint64_t made_in_ = process_generation();
  std::unique_ptr<Stream> stream_;
};

}  // namespace mien
