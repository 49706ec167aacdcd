// Which containers are read as videos, how large their frames may be, and what is known of their
// clocks. Free of FFmpeg, whose names of formats these are: PyAV opens files by the same rules.
#pragma once

#include <cstdint>
#include <string>

#include "mien/options.h"

namespace mien {

// Pixels of a frame: those of 8192 x 8192. Larger ones are refused before they are decoded.
constexpr std::int64_t kMaxFramePixels = std::int64_t{1} << 26;

// Seconds without a packet after which reading is given up.
constexpr double kMaxSecondsWithoutPacket = 30;

// Frames in a row behind a window, after which reading stops: in damaged files one with a time
// behind it is followed by earlier ones.
constexpr int kFramesBehindWindow = 64;

// Names of FFmpeg's demuxers, with commas between: containers and raw streams that hold a video and
// open no other file. Playlists (hls, concat, dash, imf) and patterns of images aren't among them.
const std::string& readable_formats();

struct Clock {
  bool exists = true;          // false: a raw stream, whose time stamps FFmpeg invents
  bool counts_frames = false;  // AVI: frames are counted, see Note [Times without pts]
  bool may_jump = false;       // a broadcast's, which may jump ahead where streams were joined
};

// Of a format by FFmpeg's names of it: "mov,mp4,m4a,3gp,3g2,mj2".
Clock clock_of(const std::string& format);

// Throws OptionError if `options` need times that a file does not have, or bring times to one that
// has its own.
void check_clock(const std::string& path, const std::string& format, const ReadOptions& options);

// Throws InputError for frames of more than kMaxFramePixels. Sides of 0 are unknown; FFmpeg does
// not tell those of a GIF that it refuses, but its header does.
void check_frame_size(const std::string& path, std::int64_t width, std::int64_t height);

}  // namespace mien
