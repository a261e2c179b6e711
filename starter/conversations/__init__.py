"""Conversations over the picture-book world, made by a program: the language model's training data.

`session.conversations(seed)` yields examples; what is said is written beside what it means, one file a subject.
"""
