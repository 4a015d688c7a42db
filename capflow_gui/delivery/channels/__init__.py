"""One adapter a service: it makes the request that the service wants, and reads its answer."""
