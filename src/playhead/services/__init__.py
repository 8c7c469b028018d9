"""The server's use cases. Every call says who asks; what that actor may not see does not exist for it. Knows ports, no adapter and no HTTP."""
