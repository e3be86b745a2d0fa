//! Instance profile associations: which profile an instance has, and since when.
//!
//! What the profile's role is and whether it can be assumed is asked at every use (the metadata service does); nothing of it is kept here but the
//! profile's ARN and id, so an association outlives its profile as AWS's does. Start with [`associate`]; [`of_instance`] is what others ask.

use std::sync::Arc;

use iam::record::InstanceProfile;
use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::out::ProfileOut;
use super::profile::{self, Choice, Named};
use super::run::input::ProfileSpecification;
use super::state::{State, state_at};
use super::{Instance, authorize, view};
use crate::kind;
use crate::refused::invalid;

/// A profile on an instance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProfileAssociation {
    pub account: AccountId,
    pub region: String,
    /// `iip-assoc-…`
    pub id: String,
    pub instance_id: String,
    pub profile_arn: String,
    /// `AIPA…`: a profile created again under the same name is another.
    pub profile_id: String,
    pub associated_at: Timestamp,
    /// Made by the launch itself: never seen as `associating`.
    pub at_launch: bool,
    #[serde(default)]
    pub ended: Option<End>,
}

/// The end of an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    pub at: Timestamp,
    /// Until when it can still be seen, `disassociating`.
    pub gone_at: Timestamp,
    /// Ended by its own operation, which may be asked again until then: it is described no more (seen of AWS, September 2026).
    #[serde(default)]
    pub asked_for: bool,
}

impl ProfileAssociation {
    /// (account, region, instance), the ended ones included.
    pub const BY_INSTANCE: usize = 0;
    /// (account, profile id) of those that are in force.
    pub const BY_PROFILE: usize = 1;
}

impl Record for ProfileAssociation {
    const TABLE: TableDef = TableDef::own("ec2_profile_association", &["account", "region", "id"], &["instance_id"]);
    const INDEXES: &'static [IndexDef] =
        &[IndexDef { name: "by_instance", unique: false }, IndexDef { name: "by_profile", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.instance_id.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_INSTANCE, &[self.account.as_str(), &self.region, &self.instance_id]);
        if self.ended.is_none() {
            entries.add(Self::BY_PROFILE, &[self.account.as_str(), &self.profile_id]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.ended.map(|end| end.gone_at)
    }
}

/// The association in force, if the instance has a profile.
pub fn of_instance(world: &World, instance: &Instance) -> Option<Arc<ProfileAssociation>> {
    let parts = [instance.account.as_str(), &instance.region, &instance.id];
    world.by::<ProfileAssociation>(ProfileAssociation::BY_INSTANCE, &parts).find(|it| it.ended.is_none()).cloned()
}

/// Gives the instance that profile from now on.
pub fn put(cx: &Cx, tx: &mut Tx, instance_id: &str, profile: &InstanceProfile, at_launch: bool) -> ProfileAssociation {
    let association = ProfileAssociation {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2("iip-assoc"),
        instance_id: instance_id.to_owned(),
        profile_arn: iam::instance_profile::arn(cx.partition(), profile),
        profile_id: profile.id.clone(),
        associated_at: cx.now,
        at_launch,
        ended: None,
    };
    tx.put(association.clone());
    association
}

/// How long AWS shows an ended association.
const ENDING_SECONDS: i64 = 5;

/// Ends an association. It stays visible for a moment.
pub fn end(cx: &Cx, tx: &mut Tx, association: &ProfileAssociation) -> ProfileAssociation {
    let gone_at = cx.settings.states.over_at(cx.now, ENDING_SECONDS);
    let ended =
        ProfileAssociation { ended: Some(End { at: cx.now, gone_at, asked_for: false }), ..association.clone() };
    tx.put(ended.clone());
    ended
}

/// `AssociateIamInstanceProfile`.
#[derive(Debug, Deserialize, Shaped)]
pub struct AssociateIamInstanceProfile {
    pub iam_instance_profile: ProfileSpecification,
    pub instance_id: String,
}

/// `DisassociateIamInstanceProfile`.
#[derive(Debug, Deserialize, Shaped)]
pub struct DisassociateIamInstanceProfile {
    pub association_id: String,
}

/// `ReplaceIamInstanceProfileAssociation`.
#[derive(Debug, Deserialize, Shaped)]
pub struct ReplaceIamInstanceProfileAssociation {
    pub iam_instance_profile: ProfileSpecification,
    pub association_id: String,
}

/// `DescribeIamInstanceProfileAssociations`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeIamInstanceProfileAssociations {
    pub association_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
}

/// The answer of the three operations that change an association.
#[derive(Debug, Serialize, Shaped)]
pub struct AssociationAnswer {
    pub iam_instance_profile_association: AssociationOut,
}

/// `IamInstanceProfileAssociation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct AssociationOut {
    pub association_id: String,
    pub instance_id: String,
    pub iam_instance_profile: ProfileOut,
    pub state: &'static str,
}

/// The answer of the describing operation.
#[derive(Debug, Serialize, Shaped)]
pub struct AssociationsOut {
    pub iam_instance_profile_associations: Vec<AssociationOut>,
    pub next_token: Option<String>,
}

fn state_of(cx: &Cx, association: &ProfileAssociation) -> &'static str {
    match association.ended {
        Some(_) => "disassociating",
        None if association.at_launch || view::is_settled(association.associated_at, cx.now, cx.settings.states) => {
            "associated"
        }
        None => "associating",
    }
}

fn out(cx: &Cx, association: &ProfileAssociation) -> AssociationOut {
    AssociationOut {
        association_id: association.id.clone(),
        instance_id: association.instance_id.clone(),
        iam_instance_profile: ProfileOut { arn: association.profile_arn.clone(), id: association.profile_id.clone() },
        state: state_of(cx, association),
    }
}

fn answer(cx: &Cx, association: &ProfileAssociation) -> AssociationAnswer {
    AssociationAnswer { iam_instance_profile_association: out(cx, association) }
}

/// The instance with the new profile as `ec2:NewInstanceProfile`, and the role passed.
fn checks_for(cx: &Cx, world: &World, instance_id: &str, choice: &Choice<'_>) -> Vec<Check> {
    let check = authorize::on_instance(cx, world, instance_id).key_if("ec2:NewInstanceProfile", choice.arn(cx));
    std::iter::once(check).chain(choice.pass_role(cx)).collect()
}

/// What AWS was seen to look at before the permission, September 2026: whether the id can be one.
pub fn check(_: &Cx, _: &World, input: &AssociateIamInstanceProfile) -> Result<(), ApiError> {
    kind::INSTANCE.must_be_id(&input.instance_id)
}

/// What AssociateIamInstanceProfile must be allowed.
pub fn to_associate(cx: &Cx, world: &World, input: &AssociateIamInstanceProfile) -> Vec<Check> {
    let choice = profile::choose(cx, world, Named::by_arn_first(&input.iam_instance_profile));
    checks_for(cx, world, &input.instance_id, &choice)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateIamInstanceProfile.html>
pub fn associate(cx: &Cx, tx: &mut Tx, input: &AssociateIamInstanceProfile) -> Result<AssociationAnswer, ApiError> {
    let choice = profile::choose(cx, tx, Named::by_arn_first(&input.iam_instance_profile));
    choice.must_exist()?;
    let instance = super::find(cx, tx, &input.instance_id)?.clone();
    let profile = choice.require(cx)?;
    must_be_up_or_stopped(cx, &instance)?;
    if of_instance(tx, &instance).is_some() {
        let message = format!("There is an existing association for instance {}", instance.id);
        return Err(ApiError::new("IncorrectState", message));
    }
    let association = put(cx, tx, &instance.id, profile, false);
    Ok(answer(cx, &association))
}

fn must_be_up_or_stopped(cx: &Cx, instance: &Instance) -> Result<(), ApiError> {
    match state_at(instance, cx.now, cx.settings.states) {
        State::Pending | State::Running | State::Stopping | State::Stopped => Ok(()),
        State::ShuttingDown | State::Terminated => Err(ApiError::new(
            "IncorrectInstanceState",
            format!("The instance '{}' is not in the 'running' or 'stopped' state.", instance.id),
        )),
    }
}

/// The association with that id, ended or not, for authorisation.
fn look_up(cx: &Cx, world: &World, id: &str) -> Option<Arc<ProfileAssociation>> {
    world.get::<ProfileAssociation>(&[cx.account().as_str(), cx.region_name(), id]).cloned()
}

/// The association in force with that id.
fn in_force(cx: &Cx, world: &World, id: &str) -> Result<Arc<ProfileAssociation>, ApiError> {
    if !is_id(id) {
        return Err(invalid(format!("Invalid Id: {id}")));
    }
    look_up(cx, world, id).filter(|association| association.ended.is_none()).ok_or_else(|| unknown(id))
}

fn is_id(id: &str) -> bool {
    id.strip_prefix("iip-assoc-").is_some_and(kind::is_long_number)
}

fn unknown(id: &str) -> ApiError {
    ApiError::new("InvalidAssociationID.NotFound", format!("An invalid association-id of '{id}' was given"))
}

/// The instance of an association; `*` where there is no such association.
fn instance_of(cx: &Cx, world: &World, association_id: &str) -> String {
    look_up(cx, world, association_id).map_or_else(|| "*".to_owned(), |association| association.instance_id.clone())
}

/// What DisassociateIamInstanceProfile must be allowed.
pub fn to_disassociate(cx: &Cx, world: &World, input: &DisassociateIamInstanceProfile) -> Vec<Check> {
    vec![authorize::on_instance(cx, world, &instance_of(cx, world, &input.association_id))]
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateIamInstanceProfile.html>
pub fn disassociate(
    cx: &Cx,
    tx: &mut Tx,
    input: &DisassociateIamInstanceProfile,
) -> Result<AssociationAnswer, ApiError> {
    let before = look_up(cx, tx, &input.association_id);
    if let Some(ended) = before.filter(|it| it.ended.is_some_and(|end| end.asked_for && cx.now < end.gone_at)) {
        return Ok(answer(cx, &ended));
    }
    let association = in_force(cx, tx, &input.association_id)?;
    let ended = end(cx, tx, &association);
    let asked_for = ended.ended.map(|end| End { asked_for: true, ..end });
    tx.put(ProfileAssociation { ended: asked_for, ..ended.clone() });
    Ok(answer(cx, &ended))
}

/// What ReplaceIamInstanceProfileAssociation must be allowed.
pub fn to_replace(cx: &Cx, world: &World, input: &ReplaceIamInstanceProfileAssociation) -> Vec<Check> {
    let choice = profile::choose(cx, world, Named::by_arn_first(&input.iam_instance_profile));
    checks_for(cx, world, &instance_of(cx, world, &input.association_id), &choice)
}

/// The instance keeps running with another profile; the association is a new one, but for the profile that it has already.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceIamInstanceProfileAssociation.html>
pub fn replace(
    cx: &Cx,
    tx: &mut Tx,
    input: &ReplaceIamInstanceProfileAssociation,
) -> Result<AssociationAnswer, ApiError> {
    let old = in_force(cx, tx, &input.association_id)?;
    let choice = profile::choose(cx, tx, Named::by_arn_first(&input.iam_instance_profile));
    let profile = choice.require(cx)?;
    if profile.id == old.profile_id {
        return Ok(answer(cx, &old));
    }
    end(cx, tx, &old);
    let association = put(cx, tx, &old.instance_id, profile, false);
    Ok(answer(cx, &association))
}

static FIELDS: Fields<AssociationOut> = Fields {
    fields: &[
        ("instance-id", |it, values| values.push(it.instance_id.as_str())),
        ("state", |it, values| values.push(it.state)),
    ],
    tags: None,
};

/// What this operation says of filters is its own (seen of AWS, September 2026).
fn must_be_filter(filter: &Filter) -> Result<(), ApiError> {
    let name = filter.name.as_deref().unwrap_or_default();
    let values = filter.values.as_deref().unwrap_or_default();
    if values.is_empty() {
        let what = "Invalid filter - one of more name/value pair was incomplete";
        return Err(invalid(format!("Invalid value 'null/empty' for 'filter'. {what}")));
    }
    values.iter().try_for_each(|value| match (name, value.as_str()) {
        ("state", "associated" | "associating" | "disassociating") => Ok(()),
        ("state", "disassociated") => Err(invalid("Only 'associated', 'associating' and 'disassociating' are allowed")),
        ("state", _) => Err(invalid(format!("A filter for an unknown association state of '{value}' was given"))),
        ("instance-id", id) if kind::INSTANCE.is_id(id) => Ok(()),
        ("instance-id", id) => Err(invalid(format!("A filter with an invalid instance-id of '{id}' was given"))),
        _ => Err(invalid(format!("An unknown filter '{name}' was given"))),
    })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeIamInstanceProfileAssociations.html>
pub fn describe(
    cx: &Cx,
    world: &World,
    input: &DescribeIamInstanceProfileAssociations,
) -> Result<AssociationsOut, ApiError> {
    input.filters.iter().flatten().try_for_each(must_be_filter)?;
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let ids = input.association_ids.as_deref().unwrap_or_default();
    if !ids.iter().all(|id| is_id(id)) {
        return Err(invalid("Invalid value for association-id."));
    }
    let mut found: Vec<_> = world.scan::<ProfileAssociation>(&[cx.account().as_str(), cx.region_name()]).collect();
    found.retain(|it| !it.ended.is_some_and(|end| end.asked_for));
    if let Some(missing) = ids.iter().find(|id| found.iter().all(|it| it.id != **id)) {
        return Err(unknown(missing));
    }
    found.retain(|it| ids.is_empty() || ids.contains(&it.id));
    let outs = found.into_iter().map(|it| out(cx, it)).filter(|it| chosen.admit(it));
    let key = |it: &AssociationOut| it.association_id.clone();
    let scope = "iam-instance-profile-associations";
    let page = paging::ec2(scope, input.next_token.as_deref(), input.max_results, outs, key)
        .map_err(|error| ApiError::new(error.code.clone(), "Pagination token is invalid"))?;
    Ok(AssociationsOut { iam_instance_profile_associations: page.items, next_token: page.next })
}
