// The engine: frames in, rows out, in frame order. Also the C++ API for programs without Python.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mien/data.h"
#include "mien/options.h"
#include "mien/pack.h"

namespace mien {

// Where frames come from. `next` is called from one thread only.
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  // Fills `frame` and returns true, or returns false at the end. Throws InputError if the source
  // fails and nothing is known about the frames after that; frames known to be lost are delivered
  // with Status::kDecodeError instead.
  virtual bool next(Frame& frame) = 0;
  // Called from another thread when no more frames are needed: a waiting `next` must return false
  // soon.
  virtual void cancel() {}
};

// Rows of a source's first frames from an earlier run, in order; one row with face -1 for a frame
// without a face. All vectors have the same length.
struct History {
  std::vector<std::int64_t> frame;
  std::vector<double> time;         // seconds
  std::vector<std::int32_t> face;   // as in ResultBatch
  std::vector<std::int32_t> track;  // as in ResultBatch
  std::vector<Box> box;             // frame pixels, bit for bit as in the earlier run
};

struct StreamOptions {
  Detect detect = Detect::kEvery;
  // Resumes after these rows: frames up to the last of them are decoded and skipped, and tracks
  // continue. The rows are those that a single run would have given. With kTrack the history must
  // consist of whole segments of `detect_interval` analysed frames.
  History after = {};
  // The frames are independent images: where EngineOptions::detection_size leaves it to the pack,
  // faces are looked for at its sides for images.
  bool images = false;
};

// Results of one source, in frame order. Destroying it before the end cancels the rest.
class Stream {
 public:
  virtual ~Stream() = default;
  // Rows of the next `frames` frames (fewer at the end), or nothing once all are delivered. Blocks.
  // Rethrows an exception of a worker or the source after all rows before it were delivered.
  virtual std::optional<ResultBatch> next(std::size_t frames) = 0;
  // From any thread: nobody wants the rest. A `next` that waits, or is called later, throws
  // InputError.
  virtual void cancel() = 0;
};

// Cost of a step of the engine so far, summed over threads and streams.
struct StepProfile {
  std::string step;
  std::int64_t calls = 0;
  double wall = 0;  // seconds, waiting included
  double cpu = 0;   // CPU seconds of the calling thread
  // Calls of operator new on that thread if the program counts them (count_allocations_with), else
  // 0.
  std::int64_t allocations = 0;
};

// For programs that replace operator new by one that counts: `counter` returns the number of its
// calls on the calling thread so far. Set it before creating an engine with EngineOptions::profile.
void count_allocations_with(std::int64_t (*counter)());

// After a fork, the child goes on with an engine that it inherited: threads are made anew, and
// `analyze_frame` begins a new sequence. On a GPU that can't be, and calls throw ProviderError.
// Streams stay with the process that opened them; in a child their `next` throws InputError.
class Engine {
 public:
  Engine(const Pack& pack, const EngineOptions& options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Starts the analysis of a source. The Stream must not outlive the Engine; streams are
  // independent of each other. Throws OptionError for a history that does not fit, ResourceError
  // if the system makes no further thread.
  std::unique_ptr<Stream> open(std::unique_ptr<FrameSource> source,
                               const StreamOptions& options = {});

  // Analyses one frame on the caller's thread, with the lowest latency. Calls are serialized;
  // tracks and tracked faces continue from call to call until reset(). The rows are those that a
  // stream of the same frames gives.
  ResultBatch analyze_frame(const Frame& frame, Detect detect = Detect::kEvery);
  void reset();

  const std::vector<std::string>& columns() const;  // names of ResultBatch::values, in order
  const std::string& provider() const;  // execution provider that runs: "cpu", "cuda" or "tensorrt"
  // Whether it accepts frames on a CUDA device; if not, they cause an InputError.
  bool takes_device_frames() const;
  const EngineOptions& options() const;  // with every default resolved
  // Longer sides, network pixels, of what faces are looked for in; `images` as in StreamOptions.
  const std::vector<int>& detection_sides(bool images) const;
  const DetectorInfo& detector() const;
  const BehaviourInfo& behaviour() const;
  std::vector<StepProfile> profile() const;  // empty unless EngineOptions::profile

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mien
