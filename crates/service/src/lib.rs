//! rolecall-service
