"""Points, samples and console lines in one DuckDB file.

`hot` takes points as they come; `settle` moves them to `cold`, sorted by (segment, key, step), and writes `tiles`: aggregates of
some 64 points each. Reading adds hot, cold and tiles up, so a point is in exactly one of hot and cold, and every cold point in
exactly one tile.
"""
