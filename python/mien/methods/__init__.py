"""Methods of `mien.FaceTable`, by subject: thin mixins that import what they call only when called."""
