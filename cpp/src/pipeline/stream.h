// One run over one source: a decode thread, batches through the engine's pool, an ordered sink.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "mien/engine.h"
#include "pipeline/networks.h"
#include "pipeline/worker.h"
#include "runtime/thread_pool.h"
#include "runtime/ticket_sequencer.h"
#include "track/tracker.h"

namespace mien {

// Note [Order and back-pressure]: the decode thread numbers batches (tickets) and submits each as
// one task. A task detects and describes faces, passes the sequencer to track in ticket order, and
// puts its rows into `done_`. Tasks never wait for the consumer; the decode thread does, once
// `max_in_flight_` batches are submitted but not yet consumed. So a slow or absent consumer of one
// stream can't block the pool for another.
class PipelineStream : public Stream {
 public:
  PipelineStream(const Networks& networks, ThreadPool& pool,
                 std::vector<std::unique_ptr<Worker>>& workers, std::unique_ptr<FrameSource> source,
                 const StreamOptions& options);
  ~PipelineStream() override;

  std::optional<ResultBatch> next(std::size_t frames) override;
  void cancel() override;

 private:
  struct Done {
    ResultBatch rows;
    std::exception_ptr error;  // after `rows`
  };

  void resume_after(const History& history);
  void read();  // the decode thread
  std::size_t most_frames() const;
  bool may_end_after(std::size_t frames) const;
  bool read_batch(FrameBatch& batch, std::exception_ptr& error);
  void submit(std::int64_t ticket, FrameBatch batch);
  void analyze(Worker& worker, const FrameBatch& batch, FaceBatch& faces, ResultBatch& rows) const;
  void follow(Worker& worker, std::size_t frames, FaceBatch& faces, ResultBatch& rows) const;
  TicketSequencer::Pass wait_for(std::int64_t ticket);
  void process(Worker& worker, std::int64_t ticket, const FrameBatch& batch);  // on the pool
  bool take_next_batch();  // consumer; false at the end

  const Networks& networks_;
  const Detect detect_;
  const bool images_;
  ThreadPool& pool_;
  std::vector<std::unique_ptr<Worker>>& workers_;
  std::unique_ptr<FrameSource> source_;
  Tracker tracker_;
  std::int64_t skip_to_ = -1;  // frames up to this one were analysed by an earlier run
  TicketSequencer sequencer_;
  const std::int64_t max_in_flight_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::int64_t, Done> done_;  // finished, not yet consumed
  std::int64_t submitted_ = 0;
  std::int64_t finished_ = 0;
  std::int64_t consumed_ = 0;
  bool source_ended_ = false;
  bool stop_ = false;

  Done current_;  // consumer's side: the batch being handed out, from `row_` on
  std::size_t row_ = 0;
  std::thread decode_thread_;  // last: starts when all else is ready
};

// Copies the track numbers of `faces` to their rows.
void set_tracks(const FaceBatch& faces, ResultBatch& rows);

}  // namespace mien
