"""Seeded mutations of media files: of their bytes, their blocks, the sizes and numbers in their
headers, and of several files together.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from fuzz.media_seeds import MediaSeed
from fuzz.mutations import mutate_bytes

__all__ = ["MUTATIONS", "Mutation"]

Random = random.Random
Mutation = Callable[[Random, bytes, Sequence[MediaSeed]], bytes]
"""Changed content of a file, which may take some of the other files."""

# Names of boxes (MP4, AVIF, JPEG 2000), chunks (RIFF, PNG), elements (Matroska), pages (Ogg), and
# segments (JPEG); sizes and numbers stand before or behind them.
_NAMES = re.compile(
    rb"ftyp|moov|mvhd|trak|tkhd|edts|elst|mdia|mdhd|hdlr|minf|stbl|stsd|stts|ctts|stss|stsc|stsz"
    rb"|stco|avc1|avcC|hvc1|hvcC|vpcC|av01|av1C|pasp|mdat|moof|mfhd|traf|tfhd|tfdt|trun|mfra|meta"
    rb"|iloc|iinf|infe|ispe|ipma|jP  |jp2h|ihdr|colr|jp2c"
    rb"|RIFF|LIST|avih|strh|strf|movi|idx1|00dc|VP8 |VP8L|VP8X|ANIM|ANMF|IHDR|IDAT|PLTE|IEND"
    rb"|\x1aE\xdf\xa3|\x18S\x80g|\x15I\xa9f|\x16T\xaek|\x1fC\xb6u|\x1cS\xbbk|\x11M\x9bt|\xb0\x81"
    rb"|OggS|FLV|GIF89a|NETSCAPE|\xff[\xc0-\xdf]|\x00\x00\x01[\x00\xb3\xb5\xb8\xba\xbb\xe0]|II\*|P6"
)  # fmt: skip
_NUMBERS = (0, 1, 7, 8, 255, 256, 0x7FFF, 0xFFFF, 1 << 24, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_BLOCKS = (16, 188, 192, 512)  # bytes; packets of transport streams, sectors


def change_bytes(rng: Random, content: bytes, _: Sequence[MediaSeed]) -> bytes:
    """Bits, bytes, short ranges, or the end cut off."""
    return mutate_bytes(rng, content)


def change_sizes(rng: Random, content: bytes, _: Sequence[MediaSeed]) -> bytes:
    """Numbers near the names of boxes, chunks, elements and segments."""
    data = bytearray(content)
    places = [match.span() for match in _NAMES.finditer(content)]
    for _ in range(rng.choice((1, 1, 2, 4)) if places else 0):
        begin, end = rng.choice(places)
        width = rng.choice((1, 2, 4, 4, 4, 8))
        at = rng.choice((begin - width, end, end, end + 4, end + 8, end + rng.randrange(64)))
        number = rng.choice((*_NUMBERS, rng.randrange(1 << 32)))
        value = number % (1 << 8 * width)
        data[max(at, 0) : max(at, 0) + width] = value.to_bytes(
            width, rng.choice(("big", "big", "little"))
        )
    return bytes(data)


def change_blocks(rng: Random, content: bytes, _: Sequence[MediaSeed]) -> bytes:
    """Blocks exchanged, lost, repeated, or of zeros or noise."""
    size = rng.choice(_BLOCKS)
    blocks = [content[at : at + size] for at in range(0, len(content), size)]
    for _ in range(rng.choice((1, 2, 5))):
        at, other = rng.randrange(len(blocks)), rng.randrange(len(blocks))
        kind = rng.randrange(5)
        if kind == 0:
            blocks[at], blocks[other] = blocks[other], blocks[at]
        elif kind == 1:
            blocks[at] = b""
        elif kind == 2:
            blocks[at] *= rng.choice((2, 20))
        else:
            blocks[at] = bytes(size) if kind == 3 else rng.randbytes(size)
    return b"".join(blocks)


def cut(rng: Random, content: bytes, _: Sequence[MediaSeed]) -> bytes:
    """The beginning or the end, anywhere."""
    at = rng.randrange(len(content))
    return content[:at] if rng.random() < 0.7 else content[at:]


def swap(rng: Random, _: bytes, seeds: Sequence[MediaSeed]) -> bytes:
    """Another file's content."""
    content = rng.choice(seeds).content
    return content if rng.random() < 0.3 else mutate_bytes(rng, content)


def splice(rng: Random, content: bytes, seeds: Sequence[MediaSeed]) -> bytes:
    """Two files one after the other, or the head of one and the tail of another."""
    other = rng.choice(seeds).content
    if rng.random() < 0.5:
        other = content
    if rng.random() < 0.4:
        return content + other
    return content[: rng.randrange(len(content))] + other[rng.randrange(len(other)) :]


MUTATIONS: tuple[Mutation, ...] = (
    *(change_bytes, change_bytes, change_sizes, change_sizes, change_sizes),
    *(change_blocks, cut, swap, splice),
)
"""Those that are chosen from; the more often one stands here, the more often it is taken."""
