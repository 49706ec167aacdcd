"""The site: the pages of this folder, the tutorial, and the docstrings of every public name."""

import importlib.metadata

project = "mien"
author = "The mien developers"
try:
    release = importlib.metadata.version("mien")
except importlib.metadata.PackageNotFoundError:  # run from a build folder on PYTHONPATH
    release = "development"

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_nb"]
html_theme = "furo"
html_title = "mien"

# Docstrings tell types in words; signatures stay short.
autodoc_typehints = "none"
autodoc_default_options = {"members": True}
autosummary_generate = False
numpydoc_show_class_members = False

# `mien.facs.events` in a docstring is a link and has to lead somewhere; `AU12` is a column, and only looks like one.
default_role = "py:obj"
nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r"(?!mien\.).*")]

myst_heading_anchors = 3
nb_execution_in_temp = True
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
