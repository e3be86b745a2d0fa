//! Names of images: what they may hold, and that an account has each once in a region.

use service::prelude::*;

use super::AccountImage;

/// The name is well formed and free, or AWS's refusal. Its text does not tell all that is allowed.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html>
pub fn check(cx: &Cx, world: &World, name: &str) -> Result<(), ApiError> {
    let known = |letter: char| letter.is_ascii_alphanumeric() || "()[] ./-'@_".contains(letter);
    if !(3..=128).contains(&name.len()) || !name.chars().all(known) {
        let message = "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'";
        return Err(ApiError::new("InvalidAMIName.Malformed", message));
    }
    let held = world.one::<AccountImage>(AccountImage::BY_NAME, &[cx.account().as_str(), cx.region_name(), name]);
    match held {
        Some(held) => {
            let message = format!("AMI name {name} is already in use by AMI {}", held.id);
            Err(ApiError::new("InvalidAMIName.Duplicate", message))
        }
        None => Ok(()),
    }
}
