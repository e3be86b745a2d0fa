//! PurchaseReservedInstancesOffering and DescribeReservedInstances: what an account bought.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PurchaseReservedInstancesOffering.html>

use std::collections::HashSet;
use std::sync::Arc;

use jiff::SignedDuration;
use service::filters::{Fields, Filter};
use service::prelude::*;

use super::RecurringCharge;
use super::offering::{self, Offering};
use super::offerings::{charges, scope, unknown};
use crate::instance::describe::time;
use crate::instance::elapsed;
use crate::instance::view::is_settled;

/// Reserved Instances that an account bought together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReservedInstances {
    pub account: AccountId,
    pub region: String,
    /// A UUID.
    pub id: String,
    pub count: i64,
    pub instance_type: String,
    pub product: String,
    pub tenancy: String,
    /// Seconds.
    pub duration: i64,
    pub class: String,
    pub payment: String,
    /// Name and id; `None` for the whole region.
    pub zone: Option<(String, String)>,
    pub fixed_price: f64,
    pub hourly: f64,
    pub bought_at: Timestamp,
    /// Later than the purchase for one that was queued.
    pub start: Timestamp,
    /// When it was taken back while it was queued.
    #[serde(default)]
    pub deleted_at: Option<Timestamp>,
    /// When their term is over, if that is not a whole term after the start: they came out of a modification or an exchange.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
    /// When others were to take their place, by a modification or an exchange.
    #[serde(default)]
    pub replaced_at: Option<Timestamp>,
    /// The modification that they come out of: until it is fulfilled they are not there.
    #[serde(default)]
    pub modification: Option<String>,
}

impl ReservedInstances {
    /// So many of an offering, bought now and from now on.
    pub(super) fn of(cx: &Cx, offering: &Offering, count: i64) -> ReservedInstances {
        ReservedInstances {
            account: cx.account(),
            region: cx.region_name().to_owned(),
            id: cx.ids.uuid(),
            count,
            instance_type: offering.instance_type.to_owned(),
            product: offering.product.to_owned(),
            tenancy: offering.tenancy.to_owned(),
            duration: offering.duration,
            class: offering.class.to_owned(),
            payment: offering.payment.to_owned(),
            zone: offering.zone.map(|(name, id)| (name.to_owned(), id.to_owned())),
            fixed_price: offering.fixed_price,
            hourly: offering.hourly,
            bought_at: cx.now,
            start: cx.now_seconds(),
            deleted_at: None,
            ends_at: None,
            replaced_at: None,
            modification: None,
        }
    }

    /// When their term is over.
    pub fn end(&self) -> Timestamp {
        let whole = || self.start.saturating_add(SignedDuration::from_secs(self.duration)).unwrap_or(self.start);
        self.ends_at.unwrap_or_else(whole)
    }

    /// The state as it is seen.
    pub fn state_at(&self, cx: &Cx) -> &'static str {
        if self.deleted_at.is_some() {
            "queued-deleted"
        } else if cx.now < self.start {
            "queued"
        } else if cx.now >= self.end() || self.replaced_at.is_some_and(|at| is_fulfilled(cx, at)) {
            "retired"
        } else if self.modification.is_some() || is_settled(self.start, cx.now, cx.settings.states) {
            "active"
        } else {
            "payment-pending"
        }
    }
}

/// About how many seconds AWS takes to fulfil a modification.
const MODIFYING_SECONDS: i64 = 60;

/// Whether a modification or an exchange of that time is through.
pub fn is_fulfilled(cx: &Cx, asked_at: Timestamp) -> bool {
    elapsed(asked_at, cx.now) >= cx.settings.states.lasting(MODIFYING_SECONDS)
}

impl Record for ReservedInstances {
    const TABLE: TableDef = TableDef::own("ec2_reserved_instances", &["account", "region", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.deleted_at.map(|at| at.saturating_add(VISIBLE).unwrap_or(at))
    }
}

/// How long a purchase that was taken back is still described; AWS does not say.
const VISIBLE: SignedDuration = SignedDuration::from_hours(24);

/// `PurchaseReservedInstancesOfferingRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct PurchaseReservedInstancesOffering {
    pub reserved_instances_offering_id: String,
    pub instance_count: i64,
    pub purchase_time: Option<Timestamp>,
    pub dry_run: Option<bool>,
}

/// `PurchaseReservedInstancesOfferingResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Purchased {
    pub reserved_instances_id: String,
}

/// `DescribeReservedInstancesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeReservedInstances {
    pub reserved_instances_ids: Option<Vec<String>>,
    pub offering_class: Option<String>,
    pub offering_type: Option<String>,
    pub filters: Option<Vec<Filter>>,
    pub dry_run: Option<bool>,
}

/// `DescribeReservedInstancesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Bought {
    pub reserved_instances: Vec<BoughtOut>,
}

/// `ReservedInstances`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct BoughtOut {
    pub reserved_instances_id: String,
    pub instance_type: String,
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
    pub scope: &'static str,
    pub start: Timestamp,
    pub end: Timestamp,
    pub duration: i64,
    pub fixed_price: f64,
    pub usage_price: f64,
    pub instance_count: i64,
    pub product_description: String,
    pub state: &'static str,
    pub instance_tenancy: String,
    pub currency_code: &'static str,
    pub offering_class: String,
    pub offering_type: String,
    pub recurring_charges: Vec<RecurringCharge>,
}

/// Buys so many of an offering, now or at a later time.
pub fn purchase(cx: &Cx, tx: &mut Tx, input: &PurchaseReservedInstancesOffering) -> Result<Purchased, ApiError> {
    let id = &input.reserved_instances_offering_id;
    let offering = offering::of_id(cx, id).ok_or_else(|| unknown(id))?;
    if input.instance_count < 1 {
        let message = format!("Value ({}) for parameter instanceCount is invalid.", input.instance_count);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if input.purchase_time.is_some_and(|at| at < cx.now) {
        return Err(ApiError::new("InvalidParameterValue", "The purchase time cannot be in the past."));
    }
    let bought = ReservedInstances {
        start: input.purchase_time.unwrap_or_else(|| cx.now_seconds()),
        ..ReservedInstances::of(cx, &offering, input.instance_count)
    };
    let purchased = Purchased { reserved_instances_id: bought.id.clone() };
    tx.put(bought);
    Ok(purchased)
}

static FIELDS: Fields<BoughtOut> = Fields {
    fields: &[
        ("availability-zone", |it, values| values.push_if(it.availability_zone.as_deref())),
        ("availability-zone-id", |it, values| values.push_if(it.availability_zone_id.as_deref())),
        ("duration", |it, values| values.push(it.duration.to_string())),
        ("end", |it, values| values.push(time(it.end))),
        ("fixed-price", |it, values| values.push(format!("{:?}", it.fixed_price))),
        ("instance-type", |it, values| values.push(it.instance_type.as_str())),
        ("product-description", |it, values| values.push(it.product_description.as_str())),
        ("reserved-instances-id", |it, values| values.push(it.reserved_instances_id.as_str())),
        ("scope", |it, values| values.push(it.scope)),
        ("start", |it, values| values.push(time(it.start))),
        ("state", |it, values| values.push(it.state)),
        ("usage-price", |it, values| values.push(format!("{:?}", it.usage_price))),
    ],
    // Their ids are UUIDs, by which tags cannot be set here.
    tags: Some(|_| &[]),
};

/// What was bought, by id.
pub fn describe(cx: &Cx, world: &World, input: &DescribeReservedInstances) -> Result<Bought, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let (owner, region) = (cx.account(), cx.region_name());
    let account = owner.as_str();
    let ids = input.reserved_instances_ids.as_deref().unwrap_or_default();
    ids.iter().try_for_each(|id| get(cx, world, id).map(drop))?;
    let is = |wanted: &Option<String>, have: &str| wanted.as_deref().is_none_or(|wanted| wanted == have);
    let all = world.scan::<ReservedInstances>(&[account, region]);
    let found = all.filter(|it| (ids.is_empty() || ids.contains(&it.id)) && is_there(cx, it));
    let found = found.filter(|it| is(&input.offering_class, &it.class) && is(&input.offering_type, &it.payment));
    let reserved_instances = found.map(|it| out(cx, it)).filter(|it| chosen.admit(it)).collect();
    Ok(Bought { reserved_instances })
}

fn out(cx: &Cx, it: &ReservedInstances) -> BoughtOut {
    BoughtOut {
        reserved_instances_id: it.id.clone(),
        instance_type: it.instance_type.clone(),
        availability_zone: it.zone.as_ref().map(|(name, _)| name.clone()),
        availability_zone_id: it.zone.as_ref().map(|(_, id)| id.clone()),
        scope: scope(it.zone.is_some()),
        start: it.start,
        end: it.end(),
        duration: it.duration,
        fixed_price: it.fixed_price,
        usage_price: 0.0,
        instance_count: it.count,
        product_description: it.product.clone(),
        state: it.state_at(cx),
        instance_tenancy: it.tenancy.clone(),
        currency_code: "USD",
        offering_class: it.class.clone(),
        offering_type: it.payment.clone(),
        recurring_charges: charges(it.hourly),
    }
}

/// `DeleteQueuedReservedInstancesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteQueuedReservedInstances {
    pub reserved_instances_ids: Vec<String>,
    pub dry_run: Option<bool>,
}

/// `DeleteQueuedReservedInstancesResult`.
#[derive(Debug, Default, Serialize, Shaped)]
pub struct QueueDeleted {
    pub successful_queued_purchase_deletions: Vec<Deletion>,
    pub failed_queued_purchase_deletions: Vec<FailedDeletion>,
}

/// `SuccessfulQueuedPurchaseDeletion`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Deletion {
    pub reserved_instances_id: String,
}

/// `FailedQueuedPurchaseDeletion`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct FailedDeletion {
    pub reserved_instances_id: String,
    pub error: DeletionError,
}

/// `DeleteQueuedReservedInstancesError`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct DeletionError {
    pub code: &'static str,
    pub message: String,
}

fn look_up(cx: &Cx, world: &World, id: &str) -> Option<Arc<ReservedInstances>> {
    let held = world.get::<ReservedInstances>(&[cx.account().as_str(), cx.region_name(), id]).cloned();
    held.filter(|held| is_there(cx, held))
}

/// What comes out of a modification is there once that is fulfilled.
fn is_there(cx: &Cx, held: &ReservedInstances) -> bool {
    held.modification.is_none() || is_fulfilled(cx, held.bought_at)
}

/// Reserved Instances of the account. The wording of the refusal is not recorded.
pub fn get(cx: &Cx, world: &World, id: &str) -> Result<Arc<ReservedInstances>, ApiError> {
    look_up(cx, world, id).ok_or_else(|| {
        let message = format!("The reserved instances ID '{id}' does not exist");
        ApiError::new("InvalidReservedInstancesId", message)
    })
}

/// Each of those once, however often it is named.
pub fn each(cx: &Cx, world: &World, ids: &[String]) -> Result<Vec<Arc<ReservedInstances>>, ApiError> {
    let mut seen = HashSet::new();
    ids.iter().filter(|id| seen.insert(id.as_str())).map(|id| get(cx, world, id)).collect()
}

/// The operation's own action on these Reserved Instances.
pub fn check_on(cx: &Cx, world: &World, id: &str) -> Check {
    let arn = service::arn::ec2(cx.partition(), cx.region_name(), cx.account().as_str(), "reserved-instances", id);
    let Some(held) = look_up(cx, world, id) else { return Check::on(arn) };
    Check::on(arn)
        .tagged(&[])
        .key_if("ec2:AvailabilityZone", held.zone.as_ref().map(|(name, _)| name.as_str()))
        .key("ec2:InstanceType", held.instance_type.as_str())
        .key("ec2:ReservedInstancesOfferingType", held.payment.as_str())
        .key("ec2:Tenancy", held.tenancy.as_str())
}

/// DeleteQueuedReservedInstances on each purchase.
pub fn to_delete_queued(cx: &Cx, world: &World, input: &DeleteQueuedReservedInstances) -> Vec<Check> {
    input.reserved_instances_ids.iter().map(|id| check_on(cx, world, id)).collect()
}

/// Takes back purchases that are queued, and tells of the others why not.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteQueuedReservedInstances.html>
pub fn delete_queued(cx: &Cx, tx: &mut Tx, input: &DeleteQueuedReservedInstances) -> Result<QueueDeleted, ApiError> {
    let mut answer = QueueDeleted::default();
    for id in &input.reserved_instances_ids {
        let reserved_instances_id = id.clone();
        let held = look_up(cx, tx, id);
        let error = match held.as_deref() {
            Some(held) if held.state_at(cx) == "queued" => {
                tx.put(ReservedInstances { deleted_at: Some(cx.now), ..held.clone() });
                answer.successful_queued_purchase_deletions.push(Deletion { reserved_instances_id });
                continue;
            }
            Some(_) => DeletionError {
                code: "reserved-instances-not-in-queued-state",
                message: format!("The reserved instances '{id}' are not in the queued state"),
            },
            None => DeletionError {
                code: "reserved-instances-id-invalid",
                message: format!("The reserved instances ID '{id}' does not exist"),
            },
        };
        answer.failed_queued_purchase_deletions.push(FailedDeletion { reserved_instances_id, error });
    }
    Ok(answer)
}
