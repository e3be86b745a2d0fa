//! rolecall-sigv4
