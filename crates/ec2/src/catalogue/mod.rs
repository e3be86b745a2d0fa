//! What AWS offers before anyone creates anything: instance types, where they are offered, and public images.
//!
//! The facts stand in data/ec2 and are read when first asked for, a piece at a time; nothing of an account is known here. Start with
//! [`instance_types::get`] and [`images::images`].

pub mod images;
pub mod instance_types;

mod extension;
mod image;
mod instance_type;
mod offerings;
