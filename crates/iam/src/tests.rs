//! The stage on which this crate's tests play: requests as a client sends them, through the model, the checks and the policies to the handler,
//! on a World that only successful writes change. And the tests that hold every operation against the model.

use service::cx::Prepared;
use service::decide;
use service::ids::Ids;
use service::operation::Run;
use service::prelude::*;
use storage::Schema;
use wire::{Params, Service};

use crate::record::{AccessKey, User};

/// A state, and who acts on it.
pub(crate) struct Stage {
    pub world: World,
    pub cx: Cx,
    calls: u8,
}

/// An empty state, with the root user of account 123456789012 acting.
pub(crate) fn stage() -> Stage {
    let cx = service::cx::testing::root_cx();
    Stage { world: World::empty(crate::schema(Schema::new()), cx.now), cx, calls: 0 }
}

impl Stage {
    /// The request of an operation with its parameters: the inside of the answer's result element, or the error.
    pub fn call(&mut self, operation: &str, parameters: &[(&str, &str)]) -> Result<String, ApiError> {
        let model = wire::model(Service::Iam);
        let described = model.operation(operation).unwrap();
        let row = crate::operations().into_iter().find(|row| row.name == operation).unwrap();
        let pairs = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let value = wire::decode(model, described, &Params::from_pairs(pairs)).map_err(|violations| {
            ApiError::validation(violations.iter().map(|one| one.item(false)).collect::<Vec<_>>().join("; "))
        })?;
        let input = row.input(model, described, &value).unwrap();
        self.calls += 1;
        self.cx.ids = Ids::new([self.calls; 32]);
        row.precheck(&self.cx, &self.world, &input)?;
        let held = crate::policy_sets(&self.world, &self.cx.caller);
        for check in row.checks(&self.cx, &self.world, &input) {
            let ruling = decide::decide(&self.cx, &check, &held);
            if !ruling.allowed() {
                return Err(decide::denial(&self.cx, &self.world, Service::Iam, &ruling));
            }
        }
        let prepare = || row.preparation(&self.cx, &self.world, &input).map(|prepare| prepare([7; 32]));
        let prepared = self.cx.prepared.0.clone().or_else(prepare);
        let cx = Cx { prepared: Prepared(prepared), ..self.cx.clone() };
        let output = match row.handler(&input) {
            Run::Read(handler) => handler(&cx, &self.world, &input)?,
            Run::Write(handler) => {
                let mut tx = Tx::on(self.world.clone());
                let output = handler(&cx, &mut tx, &input)?;
                self.world = World::clone(&tx);
                output
            }
        };
        let xml = String::from_utf8(output.write(model, described, "id").unwrap()).unwrap();
        let (open, close) = (format!("<{operation}Result>"), format!("</{operation}Result>"));
        let inside = xml.split_once(&open).and_then(|(_, rest)| rest.split_once(&close));
        Ok(inside.map_or_else(String::new, |(inside, _)| inside.to_owned()))
    }

    /// A request that must succeed.
    pub fn done(&mut self, operation: &str, parameters: &[(&str, &str)]) -> String {
        self.call(operation, parameters).unwrap_or_else(|error| panic!("{operation} {parameters:?}: {error}"))
    }

    /// A request that must fail: `Code: text`.
    pub fn refused(&mut self, operation: &str, parameters: &[(&str, &str)]) -> String {
        let error = self.call(operation, parameters).expect_err(operation);
        format!("{}: {}", error.code, error.message)
    }

    /// From now on somebody else acts.
    pub fn act_as(&mut self, caller: Caller) {
        self.cx.caller = caller.into();
    }

    /// From now on this user acts, with a long-term key.
    pub fn act_as_user(&mut self, name: &str) {
        let user = self.user(name);
        let key = AccessKey {
            id: "AKIATESTTESTTESTTEST".into(),
            secret: "secret".into(),
            account: user.account,
            user_id: Some(user.id),
            status: crate::record::KeyStatus::Active,
            created_at: self.cx.now,
        };
        let caller = crate::caller_of(&self.world, &key, "aws").unwrap();
        self.act_as(caller);
    }

    /// The stored user.
    pub fn user(&self, name: &str) -> User {
        let account = self.cx.account();
        let found = self.world.one::<User>(User::BY_NAME, &[account.as_str(), &crate::record::folded(name)]);
        User::clone(found.unwrap())
    }

    /// A user with an inline policy of one statement that allows that action on that resource.
    pub fn user_allowed(&mut self, name: &str, action: &str, resource: &str) {
        let document = allowing(action, resource);
        self.done("CreateUser", &[("UserName", name)]);
        self.done("PutUserPolicy", &[("UserName", name), ("PolicyName", "p"), ("PolicyDocument", &document)]);
    }
}

/// A policy of one statement.
pub(crate) fn allowing(action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}}}"#
    )
}

/// The texts of all elements of that name, in order.
pub(crate) fn texts<'x>(xml: &'x str, element: &str) -> Vec<&'x str> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    xml.split(open.as_str()).skip(1).filter_map(|rest| rest.split_once(close.as_str())).map(|(text, _)| text).collect()
}

#[test]
fn every_operation_uses_the_models_names() {
    let model = wire::model(Service::Iam);
    for row in crate::operations() {
        let operation = model.operation(row.name).unwrap_or_else(|| panic!("{} is not in the model", row.name));
        let shapes = row.shapes();
        let (input, output) = ((shapes.input)(model, operation), (shapes.output)(model, operation));
        assert_eq!(
            (input.unknown, output.unknown),
            (vec![], vec![]),
            "{}: names that the model does not know",
            row.name
        );
        assert_eq!(input.undeclared, Vec::<String>::new(), "{}: parameters that are not honoured", row.name);
    }
}

/// What unpacks or sums up much runs where it does not hold up others.
#[test]
fn slow_reads_are_marked() {
    let marked: Vec<&str> = crate::operations().into_iter().filter(|row| row.scan).map(|row| row.name).collect();
    for name in [
        "GetPolicyVersion",
        "ListPolicyVersions",
        "GetAccountAuthorizationDetails",
        "GetServiceLastAccessedDetails",
        "GetServiceLastAccessedDetailsWithEntities",
        "SimulateCustomPolicy",
        "SimulatePrincipalPolicy",
    ] {
        assert!(marked.contains(&name), "{name}");
    }
}

#[test]
fn no_operation_is_listed_twice() {
    let mut names: Vec<_> = crate::operations().into_iter().map(|row| row.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
