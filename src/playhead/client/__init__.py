"""HTTP to a server, the read API, and how the local server is found."""
