//! rolecall-storage
