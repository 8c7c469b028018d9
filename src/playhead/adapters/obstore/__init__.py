"""Blobs in a folder or in an object store (S3, GCS, Azure) through obstore."""
