"""Tables in and out: one module for each file format."""
