// mien_steps: the engine's steps one by one, for tests against references and for bench/micro.
// Wheels leave this extension out. It has a copy of the core of its own, and so its own settings:
// the instruction set, and the inference library.
#include "steps.h"

PYBIND11_MODULE(mien_steps, m) {
  m.doc() = "Single steps of mien's engine, for tests and micro-benchmarks.";
  mien::register_errors(m);
  mien::steps::register_image(m);
  mien::steps::register_detection(m);
  mien::steps::register_alignment(m);
  mien::steps::register_tracking(m);
  mien::steps::register_networks(m);
}
