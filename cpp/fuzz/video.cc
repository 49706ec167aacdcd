// Any bytes as a video file: frames or an InputError. Needs FFmpeg.
#include "mien/video.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

#include "image/pixels.h"
#include "mien/error.h"
#include "target.h"

namespace {

constexpr int kMostFrames = 64;
constexpr int kMostPixels = 1 << 22;

// A file in memory.
class MemoryFile {
 public:
  explicit MemoryFile(mien::fuzz::Bytes bytes) : handle_(memfd_create("fuzz", 0)) {
    mien::fuzz::require(handle_ >= 0, "a file in memory");
    const auto size = static_cast<ssize_t>(bytes.size());
    mien::fuzz::require(write(handle_, bytes.data(), bytes.size()) == size, "it takes the input");
  }
  ~MemoryFile() { close(handle_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(handle_); }

 private:
  const int handle_;
};

void read(const std::string& path) {
  auto source = mien::open_video(path, {}, 1);
  mien::Frame frame;
  std::int64_t before = -1;
  for (int i = 0; i < kMostFrames && source->next(frame); ++i) {
    mien::fuzz::require(frame.index > before, "frames count upwards");
    before = frame.index;
    if (frame.status == mien::Status::kDecodeError) continue;
    const std::int64_t pixels = std::int64_t{frame.view.width} * frame.view.height;
    mien::fuzz::require(pixels > 0, "a decoded frame has pixels");
    if (pixels > kMostPixels) return;
    std::vector<std::uint8_t> rgb(3 * static_cast<std::size_t>(pixels));
    mien::to_rgb24(frame.view, rgb.data());
  }
}

}  // namespace

MIEN_FUZZ_TARGET(video)(mien::fuzz::Bytes bytes) {
  const MemoryFile file(bytes);
  try {
    mien::probe_video(file.path());
    read(file.path());
  } catch (const mien::InputError&) {
  }
}
