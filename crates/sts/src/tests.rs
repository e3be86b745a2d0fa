//! The stage on which this crate's tests play: requests to STS and IAM as a client sends them, through the model, the limits of sessions, the
//! checks and the policies to the handler. Tokens that come back are opened again, so that sessions can act in their turn.

mod assume_role;
mod assume_root;
mod chains;
mod decode;
mod delegated;
mod federated;
mod federation_token;
mod identity;
mod instance;
mod mfa;
mod organization;
mod scoped;
mod session_policies;
mod session_token;
mod token;
mod trust;
mod web_identity_token;

use service::cx::Prepared;
use service::decide;
use service::ids::Ids;
use service::keys::InstallationKeys;
use service::operation::Run;
use service::prelude::*;
use storage::Schema;
use wire::{Params, Service};

use crate::token::{Refused, open};

/// The account that acts unless a test says otherwise.
pub(crate) const HERE: &str = "123456789012";
pub(crate) const THERE: &str = "999999999999";

/// The parameters of a request, by their names on the wire.
pub(crate) type Parameters = [(&'static str, &'static str)];

/// A state, and who acts on it.
pub(crate) struct Stage {
    pub world: World,
    pub cx: Cx,
    calls: u8,
}

/// Credentials as a client keeps them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Keys {
    pub id: String,
    pub secret: String,
    pub token: String,
    pub expiration: String,
}

/// An empty state with the installation's keys, the root user of account 123456789012 acting.
pub(crate) fn stage() -> Stage {
    let cx = service::cx::testing::root_cx();
    let schema = iam::schema(Schema::new()).with::<InstallationKeys>();
    let mut tx = Tx::on(World::empty(schema, cx.now));
    tx.put(InstallationKeys::from_random(&[[1; 32], [2; 32], [3; 32], [4; 32], [5; 32]]));
    Stage { world: World::clone(&tx), cx, calls: 0 }
}

impl Stage {
    /// The request of an operation with its parameters: the inside of the answer's result element, or the error.
    pub fn call(&mut self, operation: &str, parameters: &[(&str, &str)]) -> Result<String, ApiError> {
        let rows = || crate::operations().into_iter().chain(iam::operations());
        let row = rows().find(|row| row.name == operation).unwrap();
        let model = wire::model(row.service);
        let described = model.operation(operation).unwrap();
        crate::token::may_call(&self.cx.caller, row.service, operation)?;
        let pairs = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let value = wire::decode(model, described, &Params::from_pairs(pairs)).map_err(|violations| {
            ApiError::validation(violations.iter().map(|one| one.item(false)).collect::<Vec<_>>().join("; "))
        })?;
        let input = row.input(model, described, &value).unwrap();
        self.calls = self.calls.wrapping_add(1);
        self.cx.ids = Ids::new([self.calls; 32]);
        row.precheck(&self.cx, &self.world, &input)?;
        let held = iam::policy_sets(&self.world, &self.cx.caller);
        for check in row.checks(&self.cx, &self.world, &input) {
            let ruling = decide::decide(&self.cx, &check, &held);
            if !ruling.allowed() {
                return Err(decide::denial(&self.cx, &self.world, row.service, &ruling));
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

    /// What a request comes to: `allowed`, or `Code: text`.
    pub fn outcome(&mut self, operation: &str, parameters: &[(&str, &str)]) -> String {
        match self.call(operation, parameters) {
            Ok(_) => "allowed".into(),
            Err(error) => format!("{}: {}", error.code, error.message),
        }
    }

    /// From now on the root user of that account acts.
    pub fn act_as_root(&mut self, account: &str) {
        let root = service::cx::testing::root_cx().caller;
        self.act_as(Caller { account: account.parse().unwrap(), ..Caller::clone(&root) });
    }

    /// From now on somebody else acts.
    pub fn act_as(&mut self, caller: Caller) {
        self.cx.caller = caller.into();
    }

    /// From now on this user of the acting account acts, with a long-term key.
    pub fn act_as_user(&mut self, name: &str) {
        let account = self.cx.account();
        let user = iam::entity::find_user(&self.world, account, name).unwrap();
        let principal = Principal::User { id: user.id.clone(), name: user.name.clone(), path: user.path.clone() };
        let access_key_id = "AKIATESTTESTTESTTEST".to_owned();
        self.act_as(Caller { account, partition: "aws", principal, access_key_id, session: None });
    }

    /// From now on whoever has these credentials acts.
    pub fn act_with(&mut self, keys: &Keys) {
        let caller = self.open(keys).unwrap();
        self.act_as(caller);
    }

    /// Who comes with these credentials now.
    pub fn open(&self, keys: &Keys) -> Result<Caller, Refused> {
        open(&self.world, &keys.id, &keys.token, self.cx.now, "aws")
    }

    /// The credentials that AssumeRole of that role in the acting account gives, with more parameters.
    pub fn assume(&mut self, role: &str, parameters: &[(&str, &str)]) -> Result<Keys, ApiError> {
        let arn = self.role_arn(role);
        let all = [&[("RoleArn", arn.as_str()), ("RoleSessionName", "session")], parameters].concat();
        self.call("AssumeRole", &all).map(|xml| keys(&xml))
    }

    /// What AssumeRole comes to: `allowed`, or `Code: text`.
    pub fn assume_outcome(&mut self, role: &str, parameters: &[(&str, &str)]) -> String {
        match self.assume(role, parameters) {
            Ok(_) => "allowed".into(),
            Err(error) => format!("{}: {}", error.code, error.message),
        }
    }

    /// The ARN of a role in the acting account; what is an ARN already stays.
    pub fn role_arn(&self, role: &str) -> String {
        if role.starts_with("arn:") {
            role.to_owned()
        } else {
            format!("arn:aws:iam::{}:role/{role}", self.cx.account())
        }
    }

    /// Creates a user who is allowed those actions on everything.
    pub fn user(&mut self, name: &str, actions: &[&str]) {
        self.done("CreateUser", &[("UserName", name)]);
        if !actions.is_empty() {
            let document = allowing(actions);
            self.done("PutUserPolicy", &[("UserName", name), ("PolicyName", "p"), ("PolicyDocument", &document)]);
        }
    }

    /// Creates a role with that trust policy that is allowed those actions on everything.
    pub fn role(&mut self, name: &str, trust: &str, actions: &[&str]) {
        self.done("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", trust)]);
        if !actions.is_empty() {
            let document = allowing(actions);
            self.done("PutRolePolicy", &[("RoleName", name), ("PolicyName", "p"), ("PolicyDocument", &document)]);
        }
    }

    /// From now on requests come to AWS's one endpoint for the whole world.
    pub fn by_global_endpoint(&mut self) {
        self.cx.from =
            service::cx::Origin { global_endpoint: true, ..service::cx::Origin::clone(&self.cx.from) }.into();
    }

    /// Moves the clock.
    pub fn pass(&mut self, seconds: i64) {
        self.cx.now = self.cx.now.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
        self.cx.wall = self.cx.now;
    }
}

/// The credentials in an answer.
pub(crate) fn keys(xml: &str) -> Keys {
    let text = |element| texts(xml, element)[0].to_owned();
    Keys {
        id: text("AccessKeyId"),
        secret: text("SecretAccessKey"),
        token: text("SessionToken"),
        expiration: text("Expiration"),
    }
}

/// A policy of one statement that allows those actions on everything.
pub(crate) fn allowing(actions: &[&str]) -> String {
    let actions = actions.join("\",\"");
    format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":["{actions}"],"Resource":"*"}}}}"#)
}

/// A trust policy for that AWS principal, for all that goes with AssumeRole.
pub(crate) fn trusting(principal: &str) -> String {
    trusting_if(principal, "{}")
}

/// The same under a condition block.
pub(crate) fn trusting_if(principal: &str, condition: &str) -> String {
    let actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
    trust(&format!(r#"{{"AWS":"{principal}"}}"#), &actions, condition)
}

/// A trust policy of one statement.
pub(crate) fn trust(principal: &str, actions: &[&str], condition: &str) -> String {
    let actions = actions.join("\",\"");
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":["{actions}"],"Condition":{condition}}}}}"#
    )
}

/// A refusal by the trust policy or the caller's policies, which AWS words alike.
pub(crate) fn denied(who: &str, action: &str, role: &str) -> String {
    format!("AccessDenied: User: {who} is not authorized to perform: {action} on resource: {role}")
}

/// The texts of all elements of that name, in order.
pub(crate) fn texts<'x>(xml: &'x str, element: &str) -> Vec<&'x str> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    xml.split(open.as_str()).skip(1).filter_map(|rest| rest.split_once(close.as_str())).map(|(text, _)| text).collect()
}

#[test]
fn every_operation_uses_the_models_names() {
    let model = wire::model(Service::Sts);
    for row in crate::operations() {
        let operation = model.operation(row.name).unwrap_or_else(|| panic!("{} is not in the model", row.name));
        let shapes = row.shapes();
        let (input, output) = ((shapes.input)(model, operation), (shapes.output)(model, operation));
        assert_eq!((input.unknown, output.unknown), (vec![], vec![]), "{}: names the model does not know", row.name);
        assert_eq!(
            (input.undeclared, output.undeclared),
            (vec![], vec![]),
            "{}: parameters that are not honoured, members that are not answered",
            row.name
        );
    }
}
