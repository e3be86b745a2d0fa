//! rolecall-sts
