"""What the services need of the outside, one Protocol a noun. The adapters fulfil them, `playhead.testing` proves it."""
