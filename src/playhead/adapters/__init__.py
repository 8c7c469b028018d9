"""The ports, fulfilled: each adapter knows its library, the ports and the domain, never another adapter."""
