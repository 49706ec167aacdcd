"""Images and videos as input: kinds of files, decoded images, frames, and lost packets."""
