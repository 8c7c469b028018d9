"""What client and server say to each other beside journals: typed requests and answers. The server publishes them as OpenAPI."""
