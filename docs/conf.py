"""The site: the pages of this folder, the tutorial, and the docstrings of every public name."""

import mien

project = "mien"
release = mien.__version__

extensions = ["sphinx.ext.autodoc", "numpydoc", "myst_nb"]
exclude_patterns = ["**.ipynb_checkpoints", "mien-tutorial"]  # what Jupyter leaves here
html_theme = "furo"
html_title = "mien"

# Docstrings tell types in words; signatures stay short.
autodoc_typehints = "none"
autodoc_default_options = {"members": True}
numpydoc_show_class_members = False

# `mien.facs.events` in a docstring is a link and has to lead somewhere; `AU12` is a column, and
# only looks like one.
default_role = "py:obj"
nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r"(?!mien\.).*")]

myst_heading_anchors = 3
nb_execution_in_temp = True
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
