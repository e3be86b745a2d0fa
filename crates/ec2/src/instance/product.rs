//! ConfirmProductInstance: whether an instance has a product code. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ConfirmProductInstance.html>

use service::operations;
use service::prelude::*;

use super::{Instance, by_id_anywhere};
use crate::kind;
use crate::resource::any;

operations! { Ec2;
    ConfirmProductInstance => read(confirm) authorize(any) scan(),
}

/// `ConfirmProductInstanceRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ConfirmProductInstance {
    pub instance_id: String,
    pub product_code: String,
    pub dry_run: Option<bool>,
}

/// `ConfirmProductInstanceResult`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Confirmed {
    pub r#return: bool,
    /// Told where the instance has the code.
    pub owner_id: Option<String>,
}

/// Whether the instance, whoever's it is, was launched of an image with that code. Who owns a code is not known, so whoever names one that the instance has
/// is taken for its owner; nobody else learns of another account's instance that it is there.
pub fn confirm(cx: &Cx, world: &World, input: &ConfirmProductInstance) -> Result<Confirmed, ApiError> {
    let id = &input.instance_id;
    kind::INSTANCE.well_formed(id)?;
    let has_code =
        |instance: &Instance| instance.image.product_codes.iter().any(|(code, _)| *code == input.product_code);
    let found = by_id_anywhere(world, id).filter(|instance| instance.region == cx.region_name());
    let shown = found.filter(|instance| instance.account == cx.account() || has_code(instance));
    let instance = shown.ok_or_else(|| kind::INSTANCE.not_found(&[id]))?;
    let has = has_code(&instance);
    Ok(Confirmed { r#return: has, owner_id: has.then(|| instance.account.to_string()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::tests::{one, start};

    #[test]
    fn a_code_is_confirmed_to_anybody() {
        let (cx, mut tx) = start();
        let id = one(&cx, &mut tx);
        let ask = |tx: &Tx, code: &str| {
            let input = ConfirmProductInstance {
                instance_id: id.clone(),
                product_code: code.to_owned(),
                ..ConfirmProductInstance::default()
            };
            confirm(&cx, tx, &input).unwrap()
        };
        assert_eq!(ask(&tx, "774F4FF8"), Confirmed { r#return: false, owner_id: None });
        crate::resource::update::<Instance>(&mut tx, &cx, &id, |instance| {
            std::sync::Arc::make_mut(&mut instance.image).product_codes =
                vec![("774F4FF8".to_owned(), "marketplace".to_owned())];
        });
        let owner_id = Some(cx.account().to_string());
        assert_eq!(ask(&tx, "774F4FF8"), Confirmed { r#return: true, owner_id });
        assert!(!ask(&tx, "other").r#return);
        let mut stranger = cx.clone();
        let caller = service::Caller { account: "999999999999".parse().unwrap(), ..service::Caller::clone(&cx.caller) };
        stranger.caller = caller.into();
        let asked = |code: &str| {
            let product_code = code.to_owned();
            let input = ConfirmProductInstance { instance_id: id.clone(), product_code, dry_run: None };
            confirm(&stranger, &tx, &input).map(|answer| answer.r#return).map_err(|error| error.code.to_string())
        };
        assert_eq!(asked("774F4FF8"), Ok(true));
        assert_eq!(asked("other"), Err("InvalidInstanceID.NotFound".to_owned()));
    }
}
