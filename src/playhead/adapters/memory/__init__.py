"""The ports on plain dicts: the model that every other adapter is compared with, and what unit tests use."""
