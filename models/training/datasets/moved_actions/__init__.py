"""Photographs of faces changed so that they show one action unit at a known strength."""
