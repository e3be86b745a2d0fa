//! Permissions by which another account may attach an interface to an instance of its own.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterfacePermission.html>
//!
//! The interface stays its account's: the other account attaches and detaches it, and its instance is seen with it. What else happens to the interface
//! with the instance (it is set free when that ends) is done in the name of its account, [`on_behalf_of_owner`].

use std::sync::Arc;

use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::NetworkInterface;
use crate::kind;
use crate::refused::missing;
use crate::resource;

/// What an account was granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfacePermission {
    /// The interface's.
    pub account: AccountId,
    pub region: String,
    /// `eni-perm-…`
    pub id: String,
    pub interface_id: String,
    /// Who may attach it.
    pub to: AccountId,
    /// `INSTANCE-ATTACH`
    pub permission: String,
}

impl InterfacePermission {
    /// (region, interface).
    const BY_INTERFACE: usize = 0;
}

impl Record for InterfacePermission {
    const TABLE: TableDef = TableDef::own("ec2_interface_permission", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_interface", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_INTERFACE, &[&self.region, &self.interface_id]);
    }
}

/// `CreateNetworkInterfacePermissionRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateNetworkInterfacePermission {
    pub network_interface_id: String,
    pub aws_account_id: Option<String>,
    /// AWS supports none.
    pub aws_service: Option<String>,
    pub permission: String,
    pub dry_run: Option<bool>,
}

/// `CreateNetworkInterfacePermissionResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub interface_permission: PermissionOut,
}

/// `DeleteNetworkInterfacePermissionRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteNetworkInterfacePermission {
    pub network_interface_permission_id: String,
    pub force: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `DeleteNetworkInterfacePermissionResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Deleted {
    pub r#return: bool,
}

/// `DescribeNetworkInterfacePermissionsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeNetworkInterfacePermissions {
    pub network_interface_permission_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
}

/// `DescribeNetworkInterfacePermissionsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Permissions {
    pub network_interface_permissions: Vec<PermissionOut>,
    pub next_token: Option<String>,
}

/// `NetworkInterfacePermission`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct PermissionOut {
    pub network_interface_permission_id: String,
    pub network_interface_id: String,
    pub aws_account_id: String,
    pub permission: String,
    pub permission_state: StateOut,
}

/// `NetworkInterfacePermissionState`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct StateOut {
    pub state: &'static str,
}

static FIELDS: Fields<PermissionOut> = Fields {
    fields: &[
        ("network-interface-permission.aws-account-id", |it, values| values.push(it.aws_account_id.as_str())),
        ("network-interface-permission.aws-service", |_, _| {}),
        ("network-interface-permission.network-interface-id", |it, values| {
            values.push(it.network_interface_id.as_str());
        }),
        ("network-interface-permission.network-interface-permission-id", |it, values| {
            values.push(it.network_interface_permission_id.as_str());
        }),
        ("network-interface-permission.permission", |it, values| values.push(it.permission.as_str())),
    ],
    tags: None,
};

/// CreateNetworkInterfacePermission on the interface, for whom, and what.
pub fn to_create(cx: &Cx, world: &World, input: &CreateNetworkInterfacePermission) -> Vec<Check> {
    let user = input.aws_account_id.as_deref().and_then(|id| id.parse::<AccountId>().ok());
    let check = super::check_on(cx, world, &input.network_interface_id)
        .key_if("ec2:AuthorizedService", input.aws_service.as_deref())
        .key_if("ec2:AuthorizedUser", user.map(|account| service::arn::root(cx.partition(), account)))
        .key("ec2:Permission", input.permission.as_str());
    vec![check]
}

/// Grants the permission; AWS answers that it is granted at once. An account that has it is not given it twice.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateNetworkInterfacePermission) -> Result<Created, ApiError> {
    let interface = super::get(tx, cx, &input.network_interface_id)?;
    super::managed::must_be_own(&interface)?;
    if input.aws_service.is_some() {
        let message = "The parameter AwsService is not supported.";
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    if input.permission != "INSTANCE-ATTACH" {
        let message = "Letting another account associate its addresses (EIP-ASSOCIATE) is not built here.";
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    let text = input.aws_account_id.as_deref().ok_or_else(|| missing("AwsAccountId"))?;
    let to = text.parse::<AccountId>().map_err(|_| {
        let message = format!("Value ({text}) for parameter awsAccountId is invalid. Invalid account ID.");
        ApiError::new("InvalidParameterValue", message)
    })?;
    match granted(tx, &interface).next() {
        Some(held) if held.to == to => return Ok(Created { interface_permission: out(held) }),
        Some(_) => {
            let message = format!("The network interface '{}' is granted to another account already.", interface.id);
            return Err(ApiError::new("OperationNotPermitted", message));
        }
        None => {}
    }
    let made = InterfacePermission {
        account: interface.account,
        region: interface.region.clone(),
        id: cx.ids.ec2("eni-perm"),
        interface_id: interface.id.clone(),
        to,
        permission: input.permission.clone(),
    };
    let created = Created { interface_permission: out(&made) };
    tx.put(made);
    Ok(created)
}

/// DeleteNetworkInterfacePermission on the interface that the permission is for.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteNetworkInterfacePermission) -> Vec<Check> {
    let held = look_up(cx, world, &input.network_interface_permission_id);
    vec![super::check_on(cx, world, held.as_ref().map_or("*", |held| held.interface_id.as_str()))]
}

/// Takes the permission back. While the other account has the interface attached, only by force; the interface then stays where it is.
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteNetworkInterfacePermission) -> Result<Deleted, ApiError> {
    let id = &input.network_interface_permission_id;
    let held = look_up(cx, tx, id).ok_or_else(|| not_found(id))?;
    let interface = super::look_up(tx, cx, &held.interface_id);
    let attached = interface.and_then(|it| it.attachment.clone()).and_then(|it| it.instance_account);
    if attached == Some(held.to) && input.force != Some(true) {
        let message = format!(
            "The network interface '{}' is attached to an instance of the account {}.",
            held.interface_id, held.to
        );
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    tx.remove::<InterfacePermission>(&[held.account.as_str(), &held.region, id]);
    Ok(Deleted { r#return: true })
}

/// The permissions for the caller's interfaces, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeNetworkInterfacePermissions) -> Result<Permissions, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let ids = input.network_interface_permission_ids.as_deref().unwrap_or_default();
    if let Some(id) = ids.iter().find(|id| look_up(cx, world, id).is_none()) {
        return Err(not_found(id));
    }
    let account = cx.account();
    let all = world.scan::<InterfacePermission>(&[account.as_str(), cx.region_name()]);
    let named = all.filter(|held| ids.is_empty() || ids.contains(&held.id));
    let seen = named.map(|held| out(held)).filter(|it| chosen.admit(it));
    let scope = format!("interface permissions {:?}", input.filters);
    let size = input.max_results.or(Some(PAGE));
    let key = |it: &PermissionOut| it.network_interface_permission_id.clone();
    let page = paging::ec2(&scope, input.next_token.as_deref(), size, seen, key)?;
    Ok(Permissions { network_interface_permissions: page.items, next_token: page.next })
}

/// What is answered at once, if that is not said.
const PAGE: i64 = 50;

fn look_up(cx: &Cx, world: &World, id: &str) -> Option<Arc<InterfacePermission>> {
    world.get::<InterfacePermission>(&[cx.account().as_str(), cx.region_name(), id]).cloned()
}

fn granted<'w>(
    world: &'w World,
    interface: &NetworkInterface,
) -> impl Iterator<Item = &'w InterfacePermission> + use<'w> {
    let parts = [interface.region.as_str(), &interface.id];
    world.by::<InterfacePermission>(InterfacePermission::BY_INTERFACE, &parts).map(|held| &**held)
}

fn not_found(id: &str) -> ApiError {
    // The provider ends its wait for a deletion at this code.
    let message = format!("The network interface permission ID '{id}' does not exist");
    ApiError::new("InvalidPermissionID.NotFound", message)
}

/// The model has small letters; the Terraform provider, which is tested against AWS, waits for capitals.
const GRANTED: &str = "GRANTED";

fn out(held: &InterfacePermission) -> PermissionOut {
    PermissionOut {
        network_interface_permission_id: held.id.clone(),
        network_interface_id: held.interface_id.clone(),
        aws_account_id: held.to.to_string(),
        permission: held.permission.clone(),
        permission_state: StateOut { state: GRANTED },
    }
}

/// The interface goes, and the permissions for it.
pub fn interface_is_over(tx: &mut Tx, interface: &NetworkInterface) {
    let ids: Vec<String> = granted(tx, interface).map(|held| held.id.clone()).collect();
    for id in ids {
        tx.remove::<InterfacePermission>(&[interface.account.as_str(), &interface.region, &id]);
    }
}

/// The interface of that id that the caller may attach: its own, or one that it was granted.
pub fn attachable(cx: &Cx, world: &World, id: &str) -> Option<Arc<NetworkInterface>> {
    super::look_up(world, cx, id).or_else(|| {
        let parts = [cx.region_name(), id];
        let mut all = world.by::<InterfacePermission>(InterfacePermission::BY_INTERFACE, &parts);
        let held = all.find(|held| held.to == cx.account())?;
        world.get::<NetworkInterface>(&[held.account.as_str(), &held.region, id]).cloned()
    })
}

/// The check for attaching or detaching an interface, which another account may have lent.
pub fn check_on(cx: &Cx, world: &World, id: &str) -> Check {
    match attachable(cx, world, id).filter(|interface| interface.account != cx.account()) {
        Some(interface) => check_of(cx, world, &interface),
        None => super::check_on(cx, world, id),
    }
}

/// The same for an interface at hand. Of one that is another's the tags are not known, as everywhere.
pub fn check_of(cx: &Cx, world: &World, interface: &NetworkInterface) -> Check {
    if interface.account == cx.account() {
        return resource::check_of(cx, world, interface);
    }
    let owner = on_behalf_of_owner(cx, interface);
    let check = Check::on(kind::NETWORK_INTERFACE.arn(&owner, &interface.id)).shared_by(interface.account);
    resource::Resource::keys(interface, &owner, world, check)
}

/// The context in which an interface is changed: that of its account.
pub fn on_behalf_of_owner(cx: &Cx, interface: &NetworkInterface) -> Cx {
    if interface.account == cx.account() {
        return cx.apart();
    }
    let caller = service::Caller { account: interface.account, ..(*cx.caller).clone() };
    Cx { caller: Arc::new(caller), ..cx.apart() }
}
