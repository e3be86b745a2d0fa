//! What the crate's tests share, and what must hold for every operation.

use jiff::SignedDuration;
use service::cx::testing;
use service::filters::Filter;
use service::keys::InstallationKeys;
use service::prelude::*;
use storage::Schema;

/// A World with the default network, and a context of its account's root in us-east-1.
pub fn start() -> (Cx, Tx) {
    let cx = testing::root_cx();
    let mut tx = empty(&cx);
    crate::network::settle(&cx, &mut tx);
    (cx, tx)
}

/// A World with nothing in it.
pub fn empty(cx: &Cx) -> Tx {
    let schema = crate::schema(iam::schema(Schema::new().with::<InstallationKeys>()));
    Tx::on(World::empty(schema, cx.now))
}

/// The next request: some time later, with fresh ids.
pub fn later(cx: &Cx, seconds: i64) -> Cx {
    let now = cx.now + SignedDuration::from_secs(seconds);
    Cx { now, wall: now, ..cx.apart() }
}

/// The same context in another region.
pub fn in_region(cx: &Cx, region: &str) -> Cx {
    Cx { region: service::regions::region(region).unwrap(), ..cx.clone() }
}

/// The same context with AWS's adjustable quotas.
pub fn with_quotas(cx: &Cx) -> Cx {
    let settings = service::cx::Settings { quotas: service::cx::Quotas::Aws, ..(*cx.settings).clone() };
    Cx { settings: settings.into(), ..cx.clone() }
}

pub fn filters(filters: &[(&str, &[&str])]) -> Option<Vec<Filter>> {
    let filter = |(name, values): &(&str, &[&str])| Filter {
        name: Some((*name).to_owned()),
        values: Some(values.iter().map(|value| (*value).to_owned()).collect()),
    };
    Some(filters.iter().map(filter).collect())
}

pub fn list(texts: &[&str]) -> Option<Vec<String>> {
    Some(texts.iter().map(|text| (*text).to_owned()).collect())
}

/// Code and text of a refusal.
pub fn refusal<T>(result: Result<T, ApiError>) -> (String, String) {
    match result {
        Ok(_) => panic!("was not refused"),
        Err(error) => (error.code.to_string(), error.message.clone()),
    }
}

pub fn refused(code: &str, message: &str) -> (String, String) {
    (code.to_owned(), message.to_owned())
}

/// Every documented filter of an operation is known: asked for a value that nothing has, it answers nothing.
pub fn knows_filters(operation: &str, ask: impl Fn(Option<Vec<Filter>>) -> Result<usize, ApiError>) {
    let documented = service::facts::ec2_filters(operation).unwrap();
    assert!(!documented.is_empty(), "{operation}");
    for name in documented {
        let name = if name == "tag" { "tag:Name".to_owned() } else { name.replace("<key>", "Name") };
        assert_eq!(ask(filters(&[(&name, &["no such value"])])), Ok(0), "{operation} by {name}");
    }
    assert_eq!(
        refusal(ask(filters(&[("colour", &["red"])]))),
        refused("InvalidParameterValue", "The filter 'colour' is invalid"),
        "{operation}"
    );
}

#[test]
fn structs_have_no_names_the_model_does_not_know() {
    let model = wire::model(service::Service::Ec2);
    for operation in crate::operations() {
        let modelled =
            model.operation(operation.name).unwrap_or_else(|| panic!("{} is not in the model", operation.name));
        let (input, output) =
            ((operation.shapes().input)(model, modelled), (operation.shapes().output)(model, modelled));
        assert_eq!(input.unknown, Vec::<String>::new(), "input of {}", operation.name);
        assert_eq!(output.unknown, Vec::<String>::new(), "output of {}", operation.name);
    }
}

#[test]
fn operations_are_listed_once() {
    let mut names: Vec<_> = crate::operations().iter().map(|operation| operation.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// Keys of resources that nothing here can have a value for: permissions of other accounts on interfaces, and operators.
const WITHOUT_VALUE: [&str; 3] = ["ec2:AuthorizedUser", "ec2:Permission", "ec2:ManagedResourceOperator"];

#[test]
fn checks_on_the_network_carry_the_keys_aws_lists() {
    use crate::network::*;
    use crate::resource::{Resource, all, check_of};

    fn holds<R: Resource>(cx: &Cx, world: &World) {
        let kind = R::KIND.resource_type;
        let found = all::<R>(cx, world).next().unwrap_or_else(|| panic!("no {kind}"));
        let mut keys: Vec<String> = check_of(cx, world, &*found).keys.into_iter().map(|(name, _)| name).collect();
        keys.sort();
        let action = service::facts::action("ec2", "CreateTags").unwrap();
        let listed = &action.resources.iter().find(|resource| resource.name == kind).unwrap().keys;
        let own = |key: &&String| {
            key.starts_with("ec2:") && !key.contains("ResourceTag") && !WITHOUT_VALUE.contains(&key.as_str())
        };
        let mut expected: Vec<String> = listed.iter().filter(own).cloned().collect();
        expected.sort();
        assert_eq!(keys, expected, "{kind}");
    }

    let (cx, mut tx) = start();
    let input = crate::key_pair::create::CreateKeyPair {
        key_name: "k".into(),
        key_type: Some("ed25519".into()),
        ..Default::default()
    };
    crate::key_pair::create::create(&cx, &mut tx, &input).unwrap();
    holds::<vpc::Vpc>(&cx, &tx);
    holds::<subnet::Subnet>(&cx, &tx);
    holds::<route_table::RouteTable>(&cx, &tx);
    holds::<network_acl::NetworkAcl>(&cx, &tx);
    holds::<internet_gateway::InternetGateway>(&cx, &tx);
    holds::<dhcp_options::DhcpOptions>(&cx, &tx);
    holds::<security_group::SecurityGroup>(&cx, &tx);
    holds::<security_group::SecurityGroupRule>(&cx, &tx);
    holds::<crate::key_pair::KeyPair>(&cx, &tx);
}
