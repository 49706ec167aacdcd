"""Images and videos in: which files are which, decoded images, frames of videos, and what is
missing in damaged ones.
"""
