//! rolecall-iam
