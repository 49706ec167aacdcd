"""Mutated inputs by the thousand: nothing may crash, hang, eat memory or raise an untyped error.

``python -m fuzz TARGET SECONDS`` runs a target; each is a module of this package with `seeds`,
`mutate` and `read`.
"""
