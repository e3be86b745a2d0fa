//! Every operation that is built, held against what it must be allowed: a caller without permissions is denied everything, one with the
//! operation's own actions is denied nothing, and the checks name the resources, condition keys and dependent actions that AWS's reference lists.
//!
//! Requests come from the models and `requests.txt` ([`samples`]), on a state in which what they name exists ([`stage`]). Where the checks fall
//! short of the reference on purpose stands in `docs/authorization-exceptions.txt` ([`exceptions`]). Start with [`denials`], then [`reference`].

mod denials;
mod exceptions;
mod families;
mod federation;
mod global_keys;
mod launches;
mod reference;
mod samples;
mod stage;
