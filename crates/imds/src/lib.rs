//! rolecall-imds
