//! DescribeInstanceImageMetadata: the image an instance came from, also once nobody may use it any more.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceImageMetadata.html>

use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::Instance;
use super::describe::{candidates, time};
use super::out::OperatorOut;
use super::state::{StateOut, state_at};
use crate::{image, resource};

service::operations! { Ec2;
    DescribeInstanceImageMetadata => read(describe) authorize(resource::any),
}

/// `DescribeInstanceImageMetadataRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeInstanceImageMetadata {
    pub instance_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeInstanceImageMetadataResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Described {
    pub instance_image_metadata: Vec<InstanceOut>,
    pub next_token: Option<String>,
}

/// `InstanceImageMetadata`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct InstanceOut {
    pub instance_id: String,
    pub instance_type: String,
    pub launch_time: Timestamp,
    pub availability_zone: String,
    pub zone_id: String,
    pub state: StateOut,
    pub owner_id: String,
    pub tags: Option<Vec<Tag>>,
    pub image_metadata: ImageOut,
    pub operator: OperatorOut,
}

/// `ImageMetadata`.
#[derive(Debug, Clone, Default, Serialize, Shaped)]
pub struct ImageOut {
    pub image_id: String,
    pub name: Option<String>,
    pub owner_id: Option<String>,
    pub state: Option<String>,
    pub image_owner_alias: Option<String>,
    pub creation_date: Option<String>,
    pub deprecation_time: Option<String>,
    pub image_allowed: Option<bool>,
    pub is_public: Option<bool>,
}

static FIELDS: Fields<InstanceOut> = Fields {
    fields: &[
        ("availability-zone", |it, values| values.push(it.availability_zone.as_str())),
        ("image-allowed", |it, values| values.push_if(it.image_metadata.image_allowed.map(|on| on.to_string()))),
        ("instance-id", |it, values| values.push(it.instance_id.as_str())),
        ("instance-state-name", |it, values| values.push(it.state.name)),
        ("instance-type", |it, values| values.push(it.instance_type.as_str())),
        ("launch-time", |it, values| values.push(time(it.launch_time))),
        ("owner-alias", |it, values| values.push_if(it.image_metadata.image_owner_alias.as_deref())),
        ("owner-id", |it, values| values.push_if(it.image_metadata.owner_id.as_deref())),
        ("zone-id", |it, values| values.push(it.zone_id.as_str())),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// The images of the instances named, or of all that pass the filters.
pub fn describe(cx: &Cx, world: &World, input: &DescribeInstanceImageMetadata) -> Result<Described, ApiError> {
    let filters = input.filters.as_deref();
    let chosen = FIELDS.choose(filters)?;
    let ids = input.instance_ids.as_deref().unwrap_or_default();
    let outs =
        candidates(cx, world, ids, None)?.map(|instance| out(cx, world, &instance)).filter(|it| chosen.admit(it));
    let scope = format!("instance-image-metadata {filters:?}");
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, |it| it.instance_id.clone())?;
    Ok(Described { instance_image_metadata: page.items, next_token: page.next })
}

fn out(cx: &Cx, world: &World, instance: &Instance) -> InstanceOut {
    InstanceOut {
        instance_id: instance.id.clone(),
        instance_type: instance.instance_type.clone(),
        launch_time: instance.started_at,
        availability_zone: instance.placement.zone.clone(),
        zone_id: instance.placement.zone_id.clone(),
        state: state_at(instance, cx.now, cx.settings.states).out(),
        owner_id: instance.account.to_string(),
        tags: resource::tags_out(&instance.tags),
        image_metadata: image_out(cx, world, &instance.region, &instance.image.id),
        operator: OperatorOut::NONE,
    }
}

/// Of an image that is nowhere any more only the id is known.
fn image_out(cx: &Cx, world: &World, region: &str, id: &str) -> ImageOut {
    let Some(image) = image::known(cx, world, region, id) else {
        return ImageOut { image_id: id.to_owned(), ..ImageOut::default() };
    };
    ImageOut {
        image_id: id.to_owned(),
        name: Some(image.name),
        owner_id: Some(image.owner_id),
        state: Some(image.state),
        image_owner_alias: image.image_owner_alias,
        creation_date: Some(image.creation_date),
        deprecation_time: image.deprecation_time,
        image_allowed: image.image_allowed,
        is_public: Some(image.public),
    }
}
