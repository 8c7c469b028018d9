"""Playhead in other libraries. Each module is importable only with what it is for."""
