// Errors. Every error that leaves the core is one of these; the bindings turn each into the Python
// class of the same name.
#pragma once

#include <stdexcept>
#include <string>

namespace mien {

// Base of all. The message says what went wrong, where, what was wanted and what was found instead.
class Error : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A file, stream or array that can't be used as a source of frames.
class InputError : public Error {
  using Error::Error;
};

// An option outside its range, or options that contradict each other.
class OptionError : public Error {
  using Error::Error;
};

// A pack or model file that is missing, altered, or lacks what the engine needs to run it.
class PackError : public Error {
  using Error::Error;
};

// An execution provider, device or inference library that was asked for and is not available.
class ProviderError : public Error {
  using Error::Error;
};

// Something that the system refuses for want of it: a thread.
class ResourceError : public Error {
  using Error::Error;
};

}  // namespace mien
