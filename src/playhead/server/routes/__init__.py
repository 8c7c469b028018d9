"""The REST API, one file a noun. A handler reads the request, calls one service, and writes the answer; nothing is decided here."""
