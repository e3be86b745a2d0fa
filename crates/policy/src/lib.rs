//! rolecall-policy
