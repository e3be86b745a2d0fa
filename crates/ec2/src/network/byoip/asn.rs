//! Numbers of autonomous systems that accounts bring, and the ranges that are advertised with them. Whose number it is nobody can verify here: a message that
//! names the account and the number is believed, another fails.
//! <https://docs.aws.amazon.com/vpc/latest/ipam/tutorials-byoasn.html>

use std::sync::Arc;

use service::paging;

use super::change::{Context, SHOWN, is_signed, must_be, named};
use super::*;
use crate::family::ipam::IPAMS;

/// How long AWS takes, about.
const SECONDS: i64 = 60;

operations! { Ec2;
    AssociateIpamByoasn => write(associate) authorize(any::<Pair>),
    DeprovisionIpamByoasn => write(deprovision) authorize(|cx: &Cx, world: &World, input: &Deprovision| vec![IPAMS.check_on(cx, world, &input.ipam_id)]),
    DescribeIpamByoasn => read(describe) authorize(any::<Describe>),
    DisassociateIpamByoasn => write(disassociate) authorize(any::<Pair>),
    ProvisionIpamByoasn => write(provision) authorize(|cx: &Cx, world: &World, input: &Provision| vec![IPAMS.check_on(cx, world, &input.ipam_id)]),
}

/// A number that was brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Byoasn {
    pub account: AccountId,
    pub region: String,
    pub asn: String,
    pub ipam_id: String,
    pub stage: Stage,
    pub failure: Option<String>,
    pub gone_at: Option<Timestamp>,
}

impl Record for Byoasn {
    const TABLE: TableDef = TableDef::own("ec2_byoasn", &["account", "region", "asn"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.asn])
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.gone_at
    }
}

/// That a range can be advertised with a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsnAssociation {
    pub asn: String,
    pub stage: Stage,
}

impl AsnAssociation {
    fn is_held(&self) -> bool {
        self.stage.then == "associated"
    }
}

/// `ProvisionIpamByoasnRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Provision {
    pub ipam_id: String,
    pub asn: String,
    pub asn_authorization_context: Context,
    pub dry_run: Option<bool>,
}

/// `DeprovisionIpamByoasnRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Deprovision {
    pub ipam_id: String,
    pub asn: String,
    pub dry_run: Option<bool>,
}

/// `AssociateIpamByoasnRequest` and `DisassociateIpamByoasnRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Pair {
    pub asn: String,
    pub cidr: String,
    pub dry_run: Option<bool>,
}

/// `DescribeIpamByoasnRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Describe {
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `Byoasn`.
#[derive(Debug, Serialize, Shaped)]
pub struct ByoasnOut {
    pub asn: String,
    pub ipam_id: String,
    pub status_message: Option<String>,
    pub state: String,
}

/// `AsnAssociation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct AssociationOut {
    pub asn: String,
    pub cidr: String,
    pub state: String,
}

/// The answer of those that change a number.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub byoasn: ByoasnOut,
}

/// The answer of those that change an association.
#[derive(Debug, Serialize, Shaped)]
pub struct ChangedAssociation {
    pub asn_association: AssociationOut,
}

/// `DescribeIpamByoasnResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Byoasns {
    pub byoasns: Vec<ByoasnOut>,
    pub next_token: Option<String>,
}

fn invalid(asn: &str, why: &str) -> ApiError {
    ApiError::new("InvalidParameterValue", format!("Value ({asn}) for parameter Asn is invalid. {why}"))
}

fn byoasn_out(cx: &Cx, held: &Byoasn) -> ByoasnOut {
    let state = held.stage.at(cx).to_owned();
    let status_message = held.failure.clone().filter(|_| state == "failed-provision");
    ByoasnOut { asn: held.asn.clone(), ipam_id: held.ipam_id.clone(), status_message, state }
}

/// As answers show the numbers of a range.
pub fn associations(cx: &Cx, held: &ByoipCidr) -> Vec<AssociationOut> {
    let cidr = held.cidr.to_string();
    let seen = |it: &&AsnAssociation| it.is_held() || cx.now.duration_since(it.stage.since) < SHOWN;
    let out = |it: &AsnAssociation| AssociationOut {
        asn: it.asn.clone(),
        cidr: cidr.clone(),
        state: it.stage.at(cx).to_owned(),
    };
    held.asns.iter().filter(seen).map(out).collect()
}

/// A range goes, or moves, only when it is tied to no number.
pub fn must_be_free(held: &ByoipCidr) -> Result<(), ApiError> {
    let Some(tied) = held.asns.iter().find(|it| it.is_held()) else { return Ok(()) };
    let message =
        format!("The CIDR {} is associated with the ASN {}, which must be disassociated first.", held.cidr, tied.asn);
    Err(ApiError::new("IncorrectState", message))
}

/// Ends what an address manager that goes has of numbers: those that could not be proven go with it, others keep it.
pub fn leave(cx: &Cx, tx: &mut Tx, ipam: &str) -> Result<(), ApiError> {
    let all = tx.scan::<Byoasn>(&[cx.account().as_str(), cx.region_name()]);
    let own: Vec<Arc<Byoasn>> = all.filter(|held| held.ipam_id == ipam && held.gone_at.is_none()).cloned().collect();
    if own.iter().any(|held| held.failure.is_none()) {
        return Err(crate::resource::has_dependencies("ipam", ipam));
    }
    for held in own {
        tx.remove::<Byoasn>(&[held.account.as_str(), &held.region, &held.asn]);
    }
    Ok(())
}

/// Whether a range can be advertised with a number.
pub fn must_be_associated(cx: &Cx, world: &World, held: &ByoipCidr, asn: &str) -> Result<(), ApiError> {
    get(cx, world, asn)?;
    match held.asns.iter().any(|it| it.asn == asn && it.stage.at(cx) == "associated") {
        true => Ok(()),
        false => Err(invalid(asn, &format!("The ASN is not associated with {}.", held.cidr))),
    }
}

fn get(cx: &Cx, world: &World, asn: &str) -> Result<Arc<Byoasn>, ApiError> {
    let found = world.get::<Byoasn>(&[cx.account().as_str(), cx.region_name(), asn]);
    let found = found.filter(|held| held.gone_at.is_none()).cloned();
    found.ok_or_else(|| invalid(asn, "The ASN is not provisioned in your account."))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ProvisionIpamByoasn.html>
fn provision(cx: &Cx, tx: &mut Tx, input: &Provision) -> Result<Changed, ApiError> {
    let ipam = IPAMS.alive(cx, tx, &input.ipam_id)?;
    // Numbers that are private, or nobody's. <https://www.iana.org/assignments/iana-as-numbers-special-registry>
    let is_private = |number: &u32| matches!(number, 0 | 23_456 | 64_496..=131_071 | 4_200_000_000..);
    if input.asn.parse::<u32>().ok().filter(|number| !is_private(number)).is_none() {
        return Err(invalid(&input.asn, "It is not a public 2-byte or 4-byte ASN."));
    }
    let (account, region) = (cx.account(), cx.region_name().to_owned());
    let before = tx.get::<Byoasn>(&[account.as_str(), &region, &input.asn]);
    if before.is_some_and(|held| held.gone_at.is_none() && held.failure.is_none()) {
        return Err(invalid(&input.asn, "The ASN is provisioned already."));
    }
    let context = &input.asn_authorization_context;
    let is_proven = is_signed(&context.message, &context.signature, account, |number| number == input.asn);
    let then = if is_proven { "provisioned" } else { "failed-provision" };
    let failure = "The authorization context does not prove that you own the ASN.";
    let held = Byoasn {
        account,
        region,
        asn: input.asn.clone(),
        ipam_id: ipam.id.clone(),
        stage: Stage::begin(cx, "pending-provision", then, SECONDS),
        failure: (!is_proven).then(|| failure.to_owned()),
        gone_at: None,
    };
    let byoasn = byoasn_out(cx, &held);
    tx.put(held);
    Ok(Changed { byoasn })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeprovisionIpamByoasn.html>
fn deprovision(cx: &Cx, tx: &mut Tx, input: &Deprovision) -> Result<Changed, ApiError> {
    IPAMS.alive(cx, tx, &input.ipam_id)?;
    let held = get(cx, tx, &input.asn)?;
    if held.ipam_id != input.ipam_id {
        return Err(invalid(&input.asn, &format!("The ASN is not provisioned to {}.", input.ipam_id)));
    }
    let has_it = |range: &&Arc<ByoipCidr>| {
        range.gone_at.is_none() && range.asns.iter().any(|it| it.asn == input.asn && it.is_held())
    };
    if let Some(range) = tx.scan::<ByoipCidr>(&[cx.account().as_str(), cx.region_name()]).find(has_it) {
        let message =
            format!("The ASN {} is associated with {}, which must be disassociated first.", held.asn, range.cidr);
        return Err(ApiError::new("IncorrectState", message));
    }
    let stage = Stage::begin(cx, "pending-deprovision", "deprovisioned", SECONDS);
    let held = Byoasn { stage, gone_at: cx.now.checked_add(SHOWN).ok(), ..Byoasn::clone(&held) };
    let byoasn = byoasn_out(cx, &held);
    tx.put(held);
    Ok(Changed { byoasn })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateIpamByoasn.html>
fn associate(cx: &Cx, tx: &mut Tx, input: &Pair) -> Result<ChangedAssociation, ApiError> {
    let asn = get(cx, tx, &input.asn)?;
    let state = asn.stage.at(cx);
    if state != "provisioned" {
        let message = format!("The ASN {} is in the state {state}; it must be provisioned.", asn.asn);
        return Err(ApiError::new("IncorrectState", message));
    }
    let held = named(cx, tx, &input.cidr)?;
    must_be(cx, &held, &["provisioned", "advertised"])?;
    if let Some(other) = held.asns.iter().find(|it| it.is_held()) {
        let message = format!("The CIDR {} is associated with the ASN {} already.", held.cidr, other.asn);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let stage = Stage::begin(cx, "pending-association", "associated", SECONDS);
    Ok(put(cx, tx, &held, AsnAssociation { asn: input.asn.clone(), stage }))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateIpamByoasn.html>
fn disassociate(cx: &Cx, tx: &mut Tx, input: &Pair) -> Result<ChangedAssociation, ApiError> {
    get(cx, tx, &input.asn)?;
    let held = named(cx, tx, &input.cidr)?;
    if !held.asns.iter().any(|it| it.asn == input.asn && it.is_held()) {
        return Err(invalid(&input.asn, &format!("The ASN is not associated with {}.", held.cidr)));
    }
    let stage = Stage::begin(cx, "pending-disassociation", "disassociated", SECONDS);
    Ok(put(cx, tx, &held, AsnAssociation { asn: input.asn.clone(), stage }))
}

/// Puts an association in the place of what was there of the same number, and forgets what nobody sees any more.
fn put(cx: &Cx, tx: &mut Tx, held: &ByoipCidr, association: AsnAssociation) -> ChangedAssociation {
    let mut asns = held.asns.clone();
    asns.retain(|it| it.asn != association.asn && (it.is_held() || cx.now.duration_since(it.stage.since) < SHOWN));
    let asn_association = AssociationOut {
        asn: association.asn.clone(),
        cidr: held.cidr.to_string(),
        state: association.stage.at(cx).to_owned(),
    };
    asns.push(association);
    tx.put(ByoipCidr { asns, ..held.clone() });
    ChangedAssociation { asn_association }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeIpamByoasn.html>
fn describe(cx: &Cx, world: &World, input: &Describe) -> Result<Byoasns, ApiError> {
    let all = world.scan::<Byoasn>(&[cx.account().as_str(), cx.region_name()]).map(|held| byoasn_out(cx, held));
    let page =
        paging::ec2("DescribeIpamByoasn", input.next_token.as_deref(), input.max_results, all, |it| it.asn.clone())?;
    Ok(Byoasns { byoasns: page.items, next_token: page.next })
}
