//! rolecall-wire-derive
