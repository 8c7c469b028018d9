"""The append-only file that everything a process records goes into; the only package that knows its bytes.

`format` says what a byte means, `writer` appends, `reader` walks the frames, `columns` turns rows into NumPy columns (server only).
"""
