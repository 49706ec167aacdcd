"""Internals of `mien.Engine`: what becomes of inputs and options on their way into the core, and of
rows on their way out.
"""
