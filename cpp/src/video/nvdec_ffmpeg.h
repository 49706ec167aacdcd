// NVDEC, the video decoder of NVIDIA's devices, through FFmpeg.
#pragma once

#include "video/ffmpeg_raii.h"

namespace mien::ffmpeg {

// FFmpeg's handle of the CUDA context of our kernels, so that they can read its frames. Null if
// this FFmpeg was built without CUDA. Throws ProviderError if there is no CUDA device or FFmpeg
// can't use it.
BufferPtr make_cuda_device();

// A decoder that can use a CUDA device and gives the same pixels as the CPU; null if this FFmpeg
// has none for the codec.
const AVCodec* find_cuda_decoder(AVCodecID codec);

// Makes `context`, which must not be open yet, decode on the device what the device supports, and
// the rest on the CPU.
void decode_on(AVBufferRef* device, AVCodecContext& context);

}  // namespace mien::ffmpeg
