// What must hold when the process forks or ends while threads of the engine are at work.
//
// Note [Fork]: only the thread that forks goes on in the child, and a lock that another one held
// there is never released. So a fork waits until no thread is in a library whose locks we can't see
// (LibraryCall), and whatever has threads of its own knows in which generation of the process it
// was made: in a child it is made anew, or refused, and never joined.
#pragma once

#include <cstdint>

namespace mien {

// How many forks lie between the process that loaded the core and this one.
std::uint64_t process_generation();

// A call into a library that keeps locks or threads of its own (inference, opening of codecs).
// Begins at once, except while another thread forks; calls may be nested.
class LibraryCall {
 public:
  LibraryCall();
  ~LibraryCall();
  LibraryCall(const LibraryCall&) = delete;
  LibraryCall& operator=(const LibraryCall&) = delete;
};

// For the end of the process, before static objects of libraries are destroyed: waits until no
// thread is in a LibraryCall, a few seconds at most, and holds those that come later for ever.
void end_library_calls();

}  // namespace mien
