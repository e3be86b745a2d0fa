//! Attributes of an instance, one at a time: [`describe`] reads, [`modify`] changes and [`reset`] resets them. The names are those of the model's
//! `InstanceAttributeName`.

pub mod describe;
pub mod modify;
pub mod reset;
