"""Artifacts on this side: what goes into one, what a server has of it, and its files on this disk."""
