//! rolecall-wire
