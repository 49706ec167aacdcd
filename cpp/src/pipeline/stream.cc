#include "pipeline/stream.h"

#include <utility>

namespace mien {
namespace {

// Moves rows [begin, end) of `from` to the end of `to`.
void append_rows(const ResultBatch& from, std::size_t begin, std::size_t end, ResultBatch& to) {
  const auto slice = [&](const auto& source, auto& target, std::size_t width) {
    target.insert(target.end(), source.begin() + static_cast<std::ptrdiff_t>(begin * width),
                  source.begin() + static_cast<std::ptrdiff_t>(end * width));
  };
  slice(from.frame, to.frame, 1);
  slice(from.time, to.time, 1);
  slice(from.face, to.face, 1);
  slice(from.track, to.track, 1);
  slice(from.status, to.status, 1);
  slice(from.values, to.values, from.columns);
}

}  // namespace

PipelineStream::PipelineStream(const Networks& networks, ThreadPool& pool,
                               std::vector<std::unique_ptr<Worker>>& workers,
                               std::unique_ptr<FrameSource> source)
    : networks_(networks),
      pool_(pool),
      workers_(workers),
      source_(std::move(source)),
      max_in_flight_(2 * pool.size() + 2),
      decode_thread_([this] { read(); }) {}

PipelineStream::~PipelineStream() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_all();
  }
  source_->cancel();
  decode_thread_.join();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return finished_ == submitted_; });
}

void PipelineStream::read() {
  std::int64_t ticket = 0;
  std::exception_ptr error;
  for (bool more = true; more && !error;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || submitted_ - consumed_ < max_in_flight_; });
      if (stop_) break;
    }
    FrameBatch batch;
    more = read_batch(batch, error);
    if (!batch.empty()) submit(ticket++, std::move(batch));
  }
  const std::lock_guard lock(mutex_);
  if (error) {
    ++submitted_;
    ++finished_;
    done_[ticket].error = error;
  }
  source_ended_ = true;
  changed_.notify_all();
}

// False once the source has ended or failed; what was read before is in `batch`.
bool PipelineStream::read_batch(FrameBatch& batch, std::exception_ptr& error) {
  const std::size_t size = static_cast<std::size_t>(networks_.options.batch_size);
  batch.reserve(size);
  try {
    while (batch.size() < size) {
      Frame frame;
      if (!source_->next(frame)) return false;
      batch.push_back(std::move(frame));
    }
  } catch (...) {
    error = std::current_exception();
    return false;
  }
  return true;
}

void PipelineStream::submit(std::int64_t ticket, FrameBatch batch) {
  {
    const std::lock_guard lock(mutex_);
    ++submitted_;
  }
  auto shared = std::make_shared<FrameBatch>(std::move(batch));  // std::function must be copyable
  pool_.submit([this, ticket, shared](int worker) mutable {
    process(*workers_[static_cast<std::size_t>(worker)], ticket, *shared);
    shared.reset();  // frames go before the stream may
    const std::lock_guard lock(mutex_);
    ++finished_;
    changed_.notify_all();
  });
}

void PipelineStream::process(Worker& worker, std::int64_t ticket, const FrameBatch& batch) {
  Done done;
  FaceBatch faces;
  try {
    worker.localize(batch, faces);
  } catch (...) {
    done.error = std::current_exception();
  }
  {
    const Turnstile::Pass pass(turnstile_, ticket);
    if (!done.error) {
      std::size_t begin = 0;
      for (std::size_t i = 0; i < batch.size(); ++i) {
        const std::size_t end = faces.end_of(static_cast<int>(i), begin);
        tracker_.update(batch[i].index, batch[i].time, faces, begin, end);
        begin = end;
      }
    }
  }
  try {
    if (!done.error) worker.describe(batch, faces, done.rows);
  } catch (...) {
    done.rows = {};
    done.error = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  done_[ticket] = std::move(done);
  changed_.notify_all();
}

bool PipelineStream::take_next_batch() {
  std::unique_lock lock(mutex_);
  const std::int64_t ticket = consumed_;
  changed_.wait(lock,
                [&] { return done_.contains(ticket) || (source_ended_ && ticket == submitted_); });
  const auto found = done_.find(ticket);
  if (found == done_.end()) return false;
  current_ = std::move(found->second);
  row_ = 0;
  done_.erase(found);
  ++consumed_;
  changed_.notify_all();
  return true;
}

std::optional<ResultBatch> PipelineStream::next(std::size_t frames) {
  ResultBatch rows;
  rows.columns = networks_.readout.columns().size();
  for (std::size_t taken = 0; taken < frames;) {
    if (row_ == current_.rows.rows()) {
      if (current_.error) {
        if (rows.rows() > 0) return rows;  // first what came before the error
        std::rethrow_exception(current_.error);
      }
      if (!take_next_batch()) break;
      continue;
    }
    const std::size_t begin = row_;
    while (row_ < current_.rows.rows() && taken < frames) {
      const std::int64_t frame = current_.rows.frame[row_];
      while (row_ < current_.rows.rows() && current_.rows.frame[row_] == frame) ++row_;
      ++taken;
    }
    append_rows(current_.rows, begin, row_, rows);
  }
  if (rows.rows() == 0) return std::nullopt;
  return rows;
}

}  // namespace mien
