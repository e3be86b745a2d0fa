//! Attributes of an instance, one at a time: [`describe`] reads and [`modify`] changes them. The names are those of the model's
//! `InstanceAttributeName`.

pub mod describe;
pub mod modify;
