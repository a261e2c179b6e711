"""The picture-book world: a program that draws scenes and knows the truth about them.

`scene` says what is in a picture, `drawing` draws it and its masks, `captions` and `edits` put it into words.
"""
