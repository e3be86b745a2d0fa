//! Systems Manager, as far as EC2 needs it: the public parameters under `/aws/service` that name images, to be read one by one, by a list, or by
//! their path. They are what EC2's catalogue says; nothing is stored, and there are no parameters of one's own.
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-ami.html>
//!
//! How a parameter is named and found is in `ec2::image::parameter`, because launches name images so too. Start with [`parameter`].

pub mod by_path;
mod name;
pub mod parameter;
#[cfg(test)]
mod tests;

service::operations! { Ssm;
    GetParameter => read(parameter::get) authorize(parameter::to_get) check(parameter::check_get),
    GetParameters => read(parameter::get_many) authorize(parameter::to_get_many) check(parameter::check_get_many),
    GetParametersByPath => read(by_path::get) authorize(by_path::to_get) check(by_path::check),
}
