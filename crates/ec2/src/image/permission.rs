//! Launch permissions as requests and answers have them, and the grantees they stand for.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchPermission.html>

use service::arn::{self, Arn};
use service::prelude::*;

use super::record::{EVERYBODY, Grantee};

/// `LaunchPermission`: one of the four.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct LaunchPermission {
    pub organization_arn: Option<String>,
    pub organizational_unit_arn: Option<String>,
    pub user_id: Option<String>,
    pub group: Option<String>,
}

/// `LaunchPermissionModifications`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct LaunchPermissionChanges {
    #[serde(default)]
    pub add: Vec<LaunchPermission>,
    #[serde(default)]
    pub remove: Vec<LaunchPermission>,
}

/// How an answer has it.
pub fn out(grantee: &Grantee) -> LaunchPermission {
    let mut permission = LaunchPermission::default();
    match grantee {
        Grantee::All => permission.group = Some(EVERYBODY.to_owned()),
        Grantee::Account(account) => permission.user_id = Some(account.to_string()),
        Grantee::Organization(arn) => permission.organization_arn = Some(arn.clone()),
        Grantee::Unit(arn) => permission.organizational_unit_arn = Some(arn.clone()),
    }
    permission
}

/// The grantees of a list of permissions.
pub fn grantees(list: &[LaunchPermission]) -> Result<Vec<Grantee>, ApiError> {
    let texts = |pick: fn(&LaunchPermission) -> &Option<String>| list.iter().filter_map(move |it| pick(it).as_deref());
    let groups = texts(|it| &it.group).map(group);
    let users = texts(|it| &it.user_id).map(user);
    let organizations = texts(|it| &it.organization_arn).map(organization);
    let units = texts(|it| &it.organizational_unit_arn).map(unit);
    groups.chain(users).chain(organizations).chain(units).collect()
}

/// `all` is the only group.
pub fn group(name: &str) -> Result<Grantee, ApiError> {
    if name == EVERYBODY { Ok(Grantee::All) } else { Err(invalid(name, "group")) }
}

/// An account by its id, with or without hyphens.
pub fn user(id: &str) -> Result<Grantee, ApiError> {
    id.replace('-', "").parse().map(Grantee::Account).map_err(|_| invalid(id, "userId"))
}

/// An organisation by its ARN.
pub fn organization(arn: &str) -> Result<Grantee, ApiError> {
    match of_organizations(arn, "organization/", "o-") {
        true => Ok(Grantee::Organization(arn.to_owned())),
        false => Err(invalid(arn, "organizationArn")),
    }
}

/// An organizational unit by its ARN.
pub fn unit(arn: &str) -> Result<Grantee, ApiError> {
    match of_organizations(arn, "ou/", "ou-") {
        true => Ok(Grantee::Unit(arn.to_owned())),
        false => Err(invalid(arn, "organizationalUnitArn")),
    }
}

/// The id decides who is meant, so it must be of its kind: `all` and account ids are grantees, too.
fn of_organizations(text: &str, kind: &str, id: &str) -> bool {
    Arn::parse(text).is_some_and(|arn| {
        arn.service == "organizations" && arn.resource.starts_with(kind) && arn::last_name(text).starts_with(id)
    })
}

fn invalid(value: &str, item: &str) -> ApiError {
    // The space after the value is AWS's.
    let message = format!("Invalid attribute item value \"{value} \" for {item} item type.");
    ApiError::new("InvalidAMIAttributeItemValue", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organisations_stand_for_nobody_else() {
        let of = |id: &str| format!("arn:aws:organizations::111111111111:organization/{id}");
        assert!(organization(&of("o-a1b2c3d4e5")).is_ok());
        for id in ["all", "222222222222", "o-a1b2c3d4e5/all"] {
            assert!(organization(&of(id)).is_err(), "{id}");
        }
        assert!(unit("arn:aws:organizations::111111111111:ou/o-a1b2c3d4e5/ou-ab12-11111111").is_ok());
        assert!(unit("arn:aws:organizations::111111111111:ou/o-a1b2c3d4e5/all").is_err());
    }
}
