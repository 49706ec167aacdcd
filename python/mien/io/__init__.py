"""Files in and out: pictures, videos where the core has no FFmpeg, tables."""
