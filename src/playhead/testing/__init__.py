"""The contracts of the ports as test suites: subclass one, give it the adapter as a fixture, and it is tested."""
