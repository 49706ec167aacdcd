// NVDEC, the video decoder of NVIDIA's devices, through FFmpeg.
#pragma once

#include "video/ffmpeg_raii.h"

namespace mien::ffmpeg {

// FFmpeg's handle of the CUDA context that our kernels run in, so that they read its frames. Null
// where this FFmpeg was built without CUDA. Throws ProviderError where there is no CUDA device, or
// FFmpeg can't use it.
BufferPtr make_cuda_device();

// A decoder that can hand its work to a CUDA device and gives the processor's pixels; null where
// this FFmpeg has none for the codec.
const AVCodec* find_cuda_decoder(AVCodecID codec);

// Has `context`, not yet open, decode on the device what that can decode, and the processor the
// rest.
void decode_on(AVBufferRef* device, AVCodecContext& context);

}  // namespace mien::ffmpeg
