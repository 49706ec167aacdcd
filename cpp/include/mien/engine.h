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
  // breaks in a way that loses everything after it without a trace; frames known to be lost are
  // delivered with Status::kDecodeError instead.
  virtual bool next(Frame& frame) = 0;
  // Called from another thread when nobody wants more: a `next` that waits must return false soon.
  virtual void cancel() {}
};

// Rows of a source's first frames, finished by an earlier run, in their order; one row with face -1
// for a frame without a face. All vectors have the same length.
struct History {
  std::vector<std::int64_t> frame;
  std::vector<double> time;         // seconds
  std::vector<std::int32_t> face;   // as in ResultBatch
  std::vector<std::int32_t> track;  // as in ResultBatch
  std::vector<Box> box;             // exactly as they were
};

struct StreamOptions {
  Detect detect = Detect::kEvery;
  // Go on after these: frames up to the last of them are decoded and passed over, tracks go on.
  // Rows come out as those of one run would. With kTrack it must be whole segments of
  // `detect_interval` analysed frames.
  History after = {};
};

// Results of one source, in frame order. Destroying it before the end stops the work.
class Stream {
 public:
  virtual ~Stream() = default;
  // Rows of the next `frames` frames (fewer at the end), or nothing once all are delivered. Blocks;
  // rethrows what a worker or the source threw, after all rows before it were delivered.
  virtual std::optional<ResultBatch> next(std::size_t frames) = 0;
};

// What a step of the engine took so far, summed over threads and streams.
struct StepProfile {
  std::string step;
  std::int64_t calls = 0;
  double wall = 0;  // seconds of the clock, waiting included
  double cpu = 0;   // seconds of the processor, of the thread that called it
  // By operator new on that thread, where the program counts (count_allocations_with), else 0.
  std::int64_t allocations = 0;
};

// How many times operator new was called on the calling thread so far, if the program replaces it
// by one that counts. Set it before the first engine with EngineOptions::profile is made.
void count_allocations_with(std::int64_t (*counter)());

class Engine {
 public:
  Engine(const Pack& pack, const EngineOptions& options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Starts work on a source; the Stream must not outlive the Engine. Streams are independent of
  // each other. Throws OptionError for a history that does not fit.
  std::unique_ptr<Stream> open(std::unique_ptr<FrameSource> source,
                               const StreamOptions& options = {});

  // One frame on the caller's thread, lowest latency. Calls are serialized; tracks and followed
  // faces go on from call to call until reset(). Gives the rows that a stream of the same frames
  // gives.
  ResultBatch analyze_frame(const Frame& frame, Detect detect = Detect::kEvery);
  void reset();

  const std::vector<std::string>& columns() const;  // names of ResultBatch::values, in order
  const std::string& provider() const;  // execution provider that runs: "cpu", "cuda" or "tensorrt"
  // Whether it takes frames that lie on a CUDA device; to others they are InputErrors.
  bool takes_device_frames() const;
  const EngineOptions& options() const;  // with every default resolved
  const LocalizationInfo& localization() const;
  const BehaviourInfo& behaviour() const;
  std::vector<StepProfile> profile() const;  // empty unless EngineOptions::profile

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mien
