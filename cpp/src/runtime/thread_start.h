// Starts threads. What the system refuses is an error of the engine's, and ends nothing.
#pragma once

#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "mien/error.h"

namespace mien {

// Throws ResourceError where the system makes no further thread; `what` is what it was for.
template <typename Function>
std::thread start_thread(const std::string& what, Function&& function) {
  try {
    return std::thread(std::forward<Function>(function));
  } catch (const std::system_error& error) {
    throw ResourceError(what + ": wanted a thread, got: " + error.code().message() +
                        "; the system limits threads or memory (ulimit -u and -v, the pids and "
                        "memory limits of a container)");
  }
}

}  // namespace mien
