// How long a file claims to be, to tell a cut file from a whole one.
#pragma once

#include <cstdint>
#include <string>

namespace mien {

// Bytes up to the end of the outermost element, as its header at the start of the file states: RIFF
// (AVI) and Matroska (WebM). 0 for other files, and where the writer left it open. What such a
// header states can be less than the file, never more.
std::int64_t declared_size(const std::string& path);

}  // namespace mien
