#include "pipeline/stream.h"

#include <numeric>
#include <string>
#include <utility>

#include "mien/error.h"
#include "pipeline/landmark_tracker.h"
#include "runtime/thread_start.h"

namespace mien {
namespace {

// A batch of large images ends at this size, whatever the batch size in frames: it bounds the
// memory of a stream's batches.
constexpr std::size_t kBatchBytes = std::size_t{64} << 20;

std::size_t bytes_of(const FrameView& view) {
  const std::size_t pixels = static_cast<std::size_t>(view.width) * view.height;
  return view.model == ColorModel::kRgb ? 3 * pixels : pixels + pixels / 2;
}

// Appends rows [begin, end) of `from` to `to`.
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

// Replaces `faces` by those of the frame whose rows start at `begin`. Returns the end of its rows.
std::size_t faces_of_frame(const History& history, std::size_t begin, FaceBatch& faces) {
  faces.clear();
  std::size_t end = begin;
  for (; end < history.frame.size() && history.frame[end] == history.frame[begin]; ++end) {
    if (history.face[end] >= 0) faces.add(0, history.box[end], 0, {});
  }
  return end;
}

void require_same_tracks(const History& history, std::size_t begin, const FaceBatch& faces) {
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (faces.track[i] == history.track[begin + i]) continue;
    throw OptionError("after: frame " + std::to_string(history.frame[begin]) + ": wanted track " +
                      std::to_string(faces.track[i]) + ", got " +
                      std::to_string(history.track[begin + i]) +
                      "; these rows are not all that an earlier run gave");
  }
}

}  // namespace

void set_tracks(const FaceBatch& faces, ResultBatch& rows) {
  std::size_t face = 0;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (rows.face[row] >= 0) rows.track[row] = faces.track[face++];
  }
}

PipelineStream::PipelineStream(const Networks& networks, ThreadPool& pool,
                               std::vector<std::unique_ptr<Worker>>& workers,
                               std::unique_ptr<FrameSource> source, const StreamOptions& options)
    : networks_(networks),
      detect_(options.detect),
      images_(options.images),
      pool_(pool),
      workers_(workers),
      source_(std::move(source)),
      max_in_flight_(2 * pool.size() + 2) {
  resume_after(options.after);
  decode_thread_ = start_thread("decode thread of a stream", [this] { read(); });
}

// Replays the history through the tracker, which brings it into the state it had.
void PipelineStream::resume_after(const History& history) {
  FaceBatch faces;
  int frames = 0;
  for (std::size_t begin = 0; begin < history.frame.size(); ++frames) {
    const std::size_t end = faces_of_frame(history, begin, faces);
    if (history.frame[begin] <= skip_to_) {
      throw OptionError("after: wanted rows in the order of their frames, got frame " +
                        std::to_string(history.frame[begin]) + " after " +
                        std::to_string(skip_to_));
    }
    skip_to_ = history.frame[begin];
    tracker_.update(skip_to_, history.time[begin], faces, 0, faces.size());
    require_same_tracks(history, begin, faces);
    begin = end;
  }
  const int interval = networks_.options.detect_interval;
  if (detect_ == Detect::kTrack && frames % interval != 0) {
    throw OptionError("after: wanted a multiple of detect_interval=" + std::to_string(interval) +
                      " frames, got " + std::to_string(frames));
  }
}

void PipelineStream::cancel() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_all();
  }
  source_->cancel();
}

PipelineStream::~PipelineStream() {
  cancel();
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

// Frames of a batch. Where faces are tracked, it is one segment on the CPU; on a device it is
// batch_size segments, so that one frame of each makes up a batch for the networks.
std::size_t PipelineStream::most_frames() const {
  const EngineOptions& options = networks_.options;
  const auto batch = static_cast<std::size_t>(options.batch_size);
  if (detect_ == Detect::kEvery) return batch;
  return static_cast<std::size_t>(options.detect_interval) * (networks_.on_device() ? batch : 1);
}

// Batches of tracked video end between segments.
bool PipelineStream::may_end_after(std::size_t frames) const {
  const auto interval = static_cast<std::size_t>(networks_.options.detect_interval);
  return detect_ == Detect::kEvery || (frames > 0 && frames % interval == 0);
}

// Returns false once the source has ended or failed; frames read before are in `batch`.
bool PipelineStream::read_batch(FrameBatch& batch, std::exception_ptr& error) {
  const std::size_t size = most_frames();
  batch.reserve(size);
  std::size_t bytes = 0;
  try {
    while (batch.size() < size && (bytes < kBatchBytes || !may_end_after(batch.size()))) {
      Frame frame;
      const StepTimer timer(networks_.profile.get(), Step::kDecode);
      if (!source_->next(frame)) return false;
      if (frame.index <= skip_to_) continue;
      bytes += bytes_of(frame.view);
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
    shared.reset();  // releases the frames before the stream can be destroyed
    const std::lock_guard lock(mutex_);
    ++finished_;
    changed_.notify_all();
  });
}

void PipelineStream::analyze(Worker& worker, const FrameBatch& batch, FaceBatch& faces,
                             ResultBatch& rows) const {
  worker.take(batch);
  if (detect_ == Detect::kTrack) {
    follow(worker, batch.size(), faces, rows);
    return;
  }
  std::vector<int> positions(batch.size());
  std::iota(positions.begin(), positions.end(), 0);
  worker.analyze(positions, images_, faces, rows);
}

// Analyses the segments of the batch side by side; the last one may be shorter.
void PipelineStream::follow(Worker& worker, std::size_t frames, FaceBatch& faces,
                            ResultBatch& rows) const {
  const auto interval = static_cast<std::size_t>(networks_.options.detect_interval);
  const std::size_t segments = (frames + interval - 1) / interval;
  LandmarkTracker landmark_tracker(networks_, segments);
  std::vector<LandmarkTracker::Output> outputs(segments);
  std::vector<int> positions;
  for (std::size_t age = 0; age < interval; ++age) {
    positions.clear();
    for (std::size_t frame = age; frame < frames; frame += interval) {
      positions.push_back(static_cast<int>(frame));
    }
    if (!positions.empty()) landmark_tracker.next(worker, positions, outputs);
  }
  for (const LandmarkTracker::Output& output : outputs) {
    faces.append(output.faces);
    rows.columns = output.rows.columns;
    append_rows(output.rows, 0, output.rows.rows(), rows);
  }
}

TicketSequencer::Pass PipelineStream::wait_for(std::int64_t ticket) {
  const StepTimer timer(networks_.profile.get(), Step::kQueue);
  return TicketSequencer::Pass(sequencer_, ticket);
}

void PipelineStream::process(Worker& worker, std::int64_t ticket, const FrameBatch& batch) {
  Done done;
  FaceBatch faces;
  try {
    analyze(worker, batch, faces, done.rows);
  } catch (...) {
    done.rows = {};
    done.error = std::current_exception();
  }
  {
    const TicketSequencer::Pass pass = wait_for(ticket);
    const StepTimer timer(networks_.profile.get(), Step::kTrack);
    if (!done.error) {
      std::size_t begin = 0;
      for (std::size_t i = 0; i < batch.size(); ++i) {
        const std::size_t end = faces.end_of(static_cast<int>(i), begin);
        tracker_.update(batch[i].index, batch[i].time, faces, begin, end);
        begin = end;
      }
    }
  }
  set_tracks(faces, done.rows);
  const std::lock_guard lock(mutex_);
  done_[ticket] = std::move(done);
  changed_.notify_all();
}

bool PipelineStream::take_next_batch() {
  std::unique_lock lock(mutex_);
  const std::int64_t ticket = consumed_;
  changed_.wait(lock, [&] {
    return stop_ || done_.contains(ticket) || (source_ended_ && ticket == submitted_);
  });
  if (stop_) throw InputError("stream: it was closed");
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
        if (rows.rows() > 0) return rows;  // first the rows before the error
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
