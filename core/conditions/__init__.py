"""Conditions that people build: a tree of all / any / none over fields that the apps register.

``tree`` has the tree and reads and writes it as JSON, ``operands`` are what a condition asks for, ``fields`` and
``kinds`` declare conditions, ``compile`` makes SQL of a tree, ``words`` says it, ``builder`` edits it.
"""
