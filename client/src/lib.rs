//! The native client: a sans-I/O core and a driver over the reactor.
#![forbid(unsafe_code)]
