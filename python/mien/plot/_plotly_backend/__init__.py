"""The Plotly backend: one module a plot, which draws the numbers of its namesake in `mien.plot`.

`mien.plot.interactive` is its public face.
"""
