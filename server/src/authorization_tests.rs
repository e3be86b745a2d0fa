//! Every operation that is built, held against what it must be allowed: a caller without permissions is denied everything, and one with the
//! operation's own actions is denied nothing.
//!
//! Requests come from the models and `requests.txt` ([`samples`]), on a state in which what they name exists ([`stage`]). Start with [`denials`].

mod denials;
mod samples;
mod stage;
