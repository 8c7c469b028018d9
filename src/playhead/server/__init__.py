"""HTTP: routes, who is asking, live events, errors as answers, and the built page. What is done is in `services`."""
