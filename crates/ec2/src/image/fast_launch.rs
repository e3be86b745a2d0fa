//! EnableFastLaunch, DisableFastLaunch and DescribeFastLaunchImages: Windows images for which snapshots are kept ready.
//!
//! No instance is prepared here, so the snapshots are there at once, and one that a launch would take is replaced before anybody looks: there are always as
//! many as were asked for. AWS makes a launch template where none is named; here there is none then.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/win-ami-config-fast-launch.html>

use std::sync::Arc;

use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::{Found, deregister};
use crate::instance::run::input::LaunchTemplateSpecification;
use crate::instance::view::is_settled;
use crate::kind;
use crate::launch_template::launch::named;
use crate::setting::encryption;
use crate::snapshot::Snapshot;

/// An image that is launched fast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FastLaunch {
    pub account: AccountId,
    pub region: String,
    pub image_id: String,
    /// Of the image.
    pub owner: String,
    /// How many snapshots are kept.
    pub target: i64,
    pub parallel: i64,
    /// Id, name and version.
    pub template: Option<(String, String, String)>,
    /// The last time that it was enabled or disabled.
    pub changed_at: Timestamp,
    pub enabled: bool,
    pub snapshots: Vec<String>,
}

impl Record for FastLaunch {
    const TABLE: TableDef = TableDef::own("ec2_fast_launch", &["account", "region", "image_id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.image_id])
    }
}

impl FastLaunch {
    /// Nothing once it is disabled.
    fn state(&self, cx: &Cx) -> Option<&'static str> {
        match (self.enabled, is_settled(self.changed_at, cx.now, cx.settings.states)) {
            (true, true) => Some("enabled"),
            (true, false) => Some("enabling"),
            (false, false) => Some("disabling"),
            (false, true) => None,
        }
    }
}

/// `EnableFastLaunchRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct EnableFastLaunch {
    pub image_id: String,
    pub resource_type: Option<String>,
    pub snapshot_configuration: Option<SnapshotWish>,
    pub launch_template: Option<LaunchTemplateSpecification>,
    pub max_parallel_launches: Option<i64>,
    pub dry_run: Option<bool>,
}

/// `FastLaunchSnapshotConfigurationRequest` and `FastLaunchSnapshotConfigurationResponse`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct SnapshotWish {
    pub target_resource_count: Option<i64>,
}

/// `DisableFastLaunchRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DisableFastLaunch {
    pub image_id: String,
    /// Nothing here fails to be cleaned up.
    pub force: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `DescribeFastLaunchImagesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeFastLaunchImages {
    pub image_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeFastLaunchImagesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct FastImages {
    pub fast_launch_images: Vec<FastOut>,
    pub next_token: Option<String>,
}

/// `DescribeFastLaunchImagesSuccessItem`, and what the other two answer.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct FastOut {
    pub image_id: String,
    pub resource_type: &'static str,
    pub snapshot_configuration: SnapshotWish,
    pub launch_template: Option<TemplateOut>,
    pub max_parallel_launches: i64,
    pub owner_id: String,
    pub state: &'static str,
    pub state_transition_reason: &'static str,
    pub state_transition_time: Timestamp,
}

/// `FastLaunchLaunchTemplateSpecificationResponse`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct TemplateOut {
    pub launch_template_id: String,
    pub launch_template_name: String,
    pub version: String,
}

/// EnableFastLaunch on the image, and on the launch template.
pub fn to_enable(cx: &Cx, world: &World, input: &EnableFastLaunch) -> Vec<Check> {
    let template = input.launch_template.as_ref().map(|wanted| named(wanted).check(cx, world));
    std::iter::once(super::check_on(cx, world, &input.image_id)).chain(template).collect()
}

/// DisableFastLaunch on the image.
pub fn to_disable(cx: &Cx, world: &World, input: &DisableFastLaunch) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.image_id)]
}

/// What AWS keeps and launches at once unless told otherwise.
const TARGET: i64 = 5;
const PARALLEL: i64 = 6;
/// More snapshots would keep the state busy.
const MOST: i64 = 500;

/// What is refused before permission is asked for.
pub fn check(_: &Cx, _: &World, input: &EnableFastLaunch) -> Result<(), ApiError> {
    let invalid = |message: String| Err(ApiError::new("InvalidParameterValue", message));
    if let Some(other) = input.resource_type.as_deref().filter(|kind| *kind != "snapshot") {
        return invalid(format!("Value ({other}) for parameter resourceType is invalid. Valid values are: snapshot."));
    }
    if let Some(few) = input.max_parallel_launches.filter(|count| *count < PARALLEL) {
        return invalid(format!(
            "Value ({few}) for parameter maxParallelLaunches is invalid. It must be 6 or greater."
        ));
    }
    let target = input.snapshot_configuration.as_ref().and_then(|it| it.target_resource_count);
    match target {
        Some(count) if !(1..=MOST).contains(&count) => invalid(format!(
            "Value ({count}) for parameter targetResourceCount is invalid. Valid values are between 1 and {MOST}."
        )),
        _ => input.launch_template.as_ref().map_or(Ok(()), |wanted| named(wanted).must_be_one()),
    }
}

/// A Windows image of the caller's own, or one that is shared with it.
fn windows(cx: &Cx, world: &World, id: &str) -> Result<Found, ApiError> {
    let image = super::get(cx, world, id)?;
    if image.public && image.owner_id != cx.account().as_str() {
        return Err(ApiError::new("AuthFailure", format!("Not authorized for image:{id}")));
    }
    if image.platform.as_deref() != Some("windows") {
        let message = format!("The image '{id}' is not a Windows AMI; only those can be launched fast.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    Ok(image)
}

fn held(cx: &Cx, world: &World, id: &str) -> Option<Arc<FastLaunch>> {
    let found = world.get::<FastLaunch>(&[cx.account().as_str(), cx.region_name(), id]).cloned();
    found.filter(|held| held.state(cx).is_some())
}

/// Keeps snapshots ready for the image from now on.
pub fn enable(cx: &Cx, tx: &mut Tx, input: &EnableFastLaunch) -> Result<FastOut, ApiError> {
    let image = windows(cx, tx, &input.image_id)?;
    if let Some(state) = held(cx, tx, &input.image_id).as_deref().and_then(|held| held.state(cx)) {
        let message = format!("Fast launch is in the state '{state}' for the image '{}' already.", input.image_id);
        return Err(ApiError::new("IncorrectState", message));
    }
    let template = input.launch_template.as_ref().map(|wanted| {
        let found = named(wanted).get(cx, tx)?;
        found.version(tx, wanted.version.as_deref())?;
        let version = wanted.version.clone().unwrap_or_else(|| "$Default".to_owned());
        Ok::<_, ApiError>((found.id.clone(), found.name.clone(), version))
    });
    let mut fast = FastLaunch {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        image_id: input.image_id.clone(),
        owner: image.owner_id.clone(),
        target: input.snapshot_configuration.as_ref().and_then(|it| it.target_resource_count).unwrap_or(TARGET),
        parallel: input.max_parallel_launches.unwrap_or(PARALLEL),
        template: template.transpose()?,
        changed_at: cx.now,
        enabled: true,
        snapshots: Vec::new(),
    };
    for _ in 0..fast.target {
        let snapshot = ready(cx, tx, &image, &fast);
        fast.snapshots.push(snapshot.id.clone());
        tx.put(snapshot);
    }
    let answer = out(&fast, "enabling");
    tx.put(fast);
    Ok(answer)
}

/// A snapshot of the root volume, with the tags by which AWS says whose it is.
fn ready(cx: &Cx, world: &World, image: &Found, fast: &FastLaunch) -> Snapshot {
    let root = image.block_device_mappings.iter().find(|device| device.device_name == image.root_device_name);
    let ebs = root.and_then(|device| device.ebs.as_ref());
    let encryption = encryption::of_new(cx, world, ebs.is_some_and(|ebs| ebs.encrypted == Some(true)), None);
    let mut tags = vec![Tag::new("CreatedBy", "EC2 Fast Launch")];
    if let Some((_, name, version)) = &fast.template {
        tags.push(Tag::new("CreatedByLaunchTemplateName", name.as_str()));
        tags.push(Tag::new("CreatedByLaunchTemplateVersion", version.as_str()));
    }
    let size = ebs.and_then(|ebs| ebs.volume_size).unwrap_or(30);
    let description = format!("Created by EC2 Fast Launch for {}", fast.image_id);
    Snapshot { description, tags, ..Snapshot::of_size(cx, size, encryption) }
}

/// The snapshots go.
pub fn disable(cx: &Cx, tx: &mut Tx, input: &DisableFastLaunch) -> Result<FastOut, ApiError> {
    kind::IMAGE.well_formed(&input.image_id)?;
    let found = held(cx, tx, &input.image_id).filter(|held| held.enabled).ok_or_else(|| {
        let message = format!("Fast launch is not enabled for the image '{}'.", input.image_id);
        ApiError::new("InvalidRequest", message)
    })?;
    let fast = FastLaunch { enabled: false, changed_at: cx.now, snapshots: Vec::new(), ..(*found).clone() };
    let answer = out(&fast, "disabling");
    deregister::delete_all(cx, tx, &found.snapshots);
    tx.put(fast);
    Ok(answer)
}

/// The image goes, and what its launches were to begin with.
pub fn end(cx: &Cx, tx: &mut Tx, image_id: &str) {
    let Some(found) = held(cx, tx, image_id) else { return };
    deregister::delete_all(cx, tx, &found.snapshots);
    tx.remove::<FastLaunch>(&[cx.account().as_str(), cx.region_name(), image_id]);
}

static FIELDS: Fields<FastOut> = Fields {
    fields: &[
        ("owner-id", |it, values| values.push(it.owner_id.as_str())),
        ("resource-type", |it, values| values.push(it.resource_type)),
        ("state", |it, values| values.push(it.state)),
    ],
    tags: None,
};

/// Images that are launched fast.
pub fn describe(cx: &Cx, world: &World, input: &DescribeFastLaunchImages) -> Result<FastImages, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let ids = input.image_ids.as_deref().unwrap_or_default();
    ids.iter().try_for_each(|id| kind::IMAGE.well_formed(id))?;
    let all = world.scan::<FastLaunch>(&[cx.account().as_str(), cx.region_name()]);
    let wanted = all.filter(|it| ids.is_empty() || ids.contains(&it.image_id));
    let outs = wanted.filter_map(|it| Some(out(it, it.state(cx)?))).filter(|it| chosen.admit(it));
    let scope = format!("fast-launch-images {:?}", input.filters);
    let size = input.max_results.filter(|size| *size > 0);
    let page = paging::ec2(&scope, input.next_token.as_deref(), size, outs, |it| it.image_id.clone())?;
    Ok(FastImages { fast_launch_images: page.items, next_token: page.next })
}

fn out(it: &FastLaunch, state: &'static str) -> FastOut {
    FastOut {
        image_id: it.image_id.clone(),
        resource_type: "snapshot",
        snapshot_configuration: SnapshotWish { target_resource_count: Some(it.target) },
        launch_template: it.template.clone().map(|(id, name, version)| TemplateOut {
            launch_template_id: id,
            launch_template_name: name,
            version,
        }),
        max_parallel_launches: it.parallel,
        owner_id: it.owner.clone(),
        state,
        state_transition_reason: "Client.UserInitiated",
        state_transition_time: it.changed_at,
    }
}
