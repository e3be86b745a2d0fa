//! DescribeSnapshotAttribute, ModifySnapshotAttribute and ResetSnapshotAttribute: who may make volumes of a snapshot.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySnapshotAttribute.html>

use service::prelude::*;

use super::Snapshot;
use super::record::EVERYBODY;
use crate::instance::authorize;
use crate::refused::missing;
use crate::resource;
use crate::setting::public_access;

/// `DescribeSnapshotAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeSnapshotAttribute {
    pub attribute: String,
    pub snapshot_id: String,
    pub dry_run: Option<bool>,
}

/// `DescribeSnapshotAttributeResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct SnapshotAttribute {
    pub snapshot_id: String,
    pub create_volume_permissions: Option<Vec<Permission>>,
    pub product_codes: Option<Vec<ProductCodeOut>>,
}

/// `CreateVolumePermission`: an account, or the group `all`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct Permission {
    pub user_id: Option<String>,
    pub group: Option<String>,
}

/// `ProductCode`. No snapshot has any.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct ProductCodeOut {
    pub product_code_id: String,
}

/// `ModifySnapshotAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifySnapshotAttribute {
    pub attribute: Option<String>,
    pub create_volume_permission: Option<PermissionChanges>,
    #[serde(default)]
    pub group_names: Vec<String>,
    pub operation_type: Option<String>,
    pub snapshot_id: String,
    #[serde(default)]
    pub user_ids: Vec<String>,
    pub dry_run: Option<bool>,
}

/// `CreateVolumePermissionModifications`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct PermissionChanges {
    #[serde(default)]
    pub add: Vec<Permission>,
    #[serde(default)]
    pub remove: Vec<Permission>,
}

/// `ResetSnapshotAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ResetSnapshotAttribute {
    pub attribute: String,
    pub snapshot_id: String,
    pub dry_run: Option<bool>,
}

/// The attribute that can be changed.
const PERMISSION: &str = "createVolumePermission";

/// DescribeSnapshotAttribute on the snapshot.
pub fn to_describe(cx: &Cx, world: &World, input: &DescribeSnapshotAttribute) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.snapshot_id)]
}

/// One attribute of a snapshot of one's own.
pub fn describe(cx: &Cx, world: &World, input: &DescribeSnapshotAttribute) -> Result<SnapshotAttribute, ApiError> {
    let snapshot = super::own(world, cx, &input.snapshot_id)?;
    let permissions = || {
        let everybody = snapshot.public.then(|| Permission { user_id: None, group: Some(EVERYBODY.to_owned()) });
        let user = |id: &String| Permission { user_id: Some(id.clone()), group: None };
        snapshot.shared_with.iter().map(user).chain(everybody).collect()
    };
    Ok(SnapshotAttribute {
        snapshot_id: snapshot.id.clone(),
        create_volume_permissions: (input.attribute == PERMISSION).then(permissions),
        product_codes: (input.attribute == "productCodes").then(Vec::new),
    })
}

/// What a request adds and takes away, in whichever of the two forms it says so.
struct Changes {
    add_users: Vec<String>,
    add_groups: Vec<String>,
    remove_users: Vec<String>,
    remove_groups: Vec<String>,
}

fn changes(input: &ModifySnapshotAttribute) -> Changes {
    let users = |list: &[Permission]| list.iter().filter_map(|it| it.user_id.clone()).collect::<Vec<_>>();
    let groups = |list: &[Permission]| list.iter().filter_map(|it| it.group.clone()).collect::<Vec<_>>();
    let (add, remove) = match &input.create_volume_permission {
        Some(changes) => (changes.add.as_slice(), changes.remove.as_slice()),
        None => (&[][..], &[][..]),
    };
    let mut all = Changes {
        add_users: users(add),
        add_groups: groups(add),
        remove_users: users(remove),
        remove_groups: groups(remove),
    };
    match input.operation_type.as_deref() {
        Some("add") => {
            all.add_users.extend_from_slice(&input.user_ids);
            all.add_groups.extend_from_slice(&input.group_names);
        }
        Some(_) => {
            all.remove_users.extend_from_slice(&input.user_ids);
            all.remove_groups.extend_from_slice(&input.group_names);
        }
        None => {}
    }
    all
}

/// ModifySnapshotAttribute on the snapshot, with whom it adds and removes.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifySnapshotAttribute) -> Vec<Check> {
    let changes = changes(input);
    let lists = [
        ("ec2:Add/userId", &changes.add_users),
        ("ec2:Add/group", &changes.add_groups),
        ("ec2:Remove/userId", &changes.remove_users),
        ("ec2:Remove/group", &changes.remove_groups),
    ];
    let check = super::check_on(cx, world, &input.snapshot_id);
    let check = authorize::attributes(check, &[(PERMISSION, PERMISSION.to_owned())]);
    let add = |check: Check, (name, values): (&str, &Vec<String>)| match values.is_empty() {
        true => check,
        false => check.keys(name, values.clone()),
    };
    vec![lists.into_iter().fold(check, add)]
}

/// Shares a snapshot of one's own, or ends that.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifySnapshotAttribute) -> Result<Done, ApiError> {
    let snapshot = super::own(tx, cx, &input.snapshot_id)?;
    if input.attribute.as_deref().is_some_and(|attribute| attribute != PERMISSION) {
        let message = "Only createVolumePermission can be modified.";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let changes = changes(input);
    check_changes(&snapshot, &changes)?;
    if !changes.add_groups.is_empty() {
        public_access::may_publish_snapshot(cx, tx)?;
    }
    resource::update::<Snapshot>(tx, cx, &snapshot.id, |it| {
        for user in changes.add_users {
            if !it.shared_with.contains(&user) {
                it.shared_with.push(user);
            }
        }
        it.shared_with.retain(|user| !changes.remove_users.contains(user));
        it.public = (it.public || !changes.add_groups.is_empty()) && changes.remove_groups.is_empty();
    });
    Ok(Done {})
}

fn check_changes(snapshot: &Snapshot, changes: &Changes) -> Result<(), ApiError> {
    let (users, groups) = (
        changes.add_users.iter().chain(&changes.remove_users),
        changes.add_groups.iter().chain(&changes.remove_groups),
    );
    if users.clone().count() + groups.clone().count() == 0 {
        return Err(missing("createVolumePermission"));
    }
    for user in users {
        if user.parse::<AccountId>().is_err() {
            let message = format!("Invalid user id: \"{user}\"");
            return Err(ApiError::new("InvalidUserID.Malformed", message));
        }
    }
    for group in groups {
        if group != EVERYBODY {
            let message = format!("Value ({group}) for parameter group is invalid. Invalid group name.");
            return Err(ApiError::new("InvalidParameterValue", message));
        }
    }
    let shares = !changes.add_users.is_empty() || !changes.add_groups.is_empty();
    if snapshot.encrypted && snapshot.kms_key_id.is_none() && shares {
        let message = "Encrypted snapshots with EBS default key cannot be shared";
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    if snapshot.encrypted && !changes.add_groups.is_empty() {
        return Err(ApiError::new("OperationNotPermitted", "Encrypted snapshots cannot be shared publicly"));
    }
    Ok(())
}

/// ResetSnapshotAttribute on the snapshot.
pub fn to_reset(cx: &Cx, world: &World, input: &ResetSnapshotAttribute) -> Vec<Check> {
    let check = super::check_on(cx, world, &input.snapshot_id);
    vec![authorize::attributes(check, &[(PERMISSION, PERMISSION.to_owned())])]
}

/// Nobody but the owner may make volumes of it any more.
pub fn reset(cx: &Cx, tx: &mut Tx, input: &ResetSnapshotAttribute) -> Result<Done, ApiError> {
    let snapshot = super::own(tx, cx, &input.snapshot_id)?;
    if input.attribute != PERMISSION {
        let message = "Only createVolumePermission can be reset.";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    resource::update::<Snapshot>(tx, cx, &snapshot.id, |it| {
        it.shared_with.clear();
        it.public = false;
    });
    Ok(Done {})
}
