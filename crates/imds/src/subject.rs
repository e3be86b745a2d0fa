//! The instance a request is about, with the facts around it looked up when first asked for.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use ec2::instance::{Instance, ProfileAssociation};
use ec2::network::interface::{self, NetworkInterface};
use iam::record::{InstanceProfile, Role};
use service::{Cx, World};

/// An instance as its metadata service sees it.
pub struct Subject<'a> {
    pub cx: &'a Cx,
    pub world: &'a World,
    pub instance: &'a Instance,
    /// `1.0` without a token, `2.0` with one.
    pub delivery: &'static str,
    version: Cell<&'static str>,
    interfaces: OnceCell<Vec<Arc<NetworkInterface>>>,
    profile: OnceCell<Option<Profile>>,
}

/// The instance's profile: the association, and what is there of it now.
#[derive(Clone)]
pub struct Profile {
    pub association: Arc<ProfileAssociation>,
    /// `None` once it was deleted.
    pub profile: Option<Arc<InstanceProfile>>,
    /// `None` when the profile holds no role.
    pub role: Option<Arc<Role>>,
}

impl<'a> Subject<'a> {
    /// The subject of one request.
    pub fn new(cx: &'a Cx, world: &'a World, instance: &'a Instance, delivery: &'static str) -> Subject<'a> {
        Subject {
            cx,
            world,
            instance,
            delivery,
            version: Cell::new("latest"),
            interfaces: OnceCell::new(),
            profile: OnceCell::new(),
        }
    }

    /// The version the path names.
    pub fn set_version(&self, version: &'static str) {
        self.version.set(version);
    }

    /// Whether the version asked for already had what came with `since`. Versions sort as text, `latest` last.
    pub fn knows(&self, since: &str) -> bool {
        since <= self.version.get()
    }

    /// The instance's interfaces, the primary one first.
    pub fn interfaces(&self) -> &[Arc<NetworkInterface>] {
        self.interfaces.get_or_init(|| {
            let instance = self.instance;
            interface::of_instance(self.world, instance.account, &instance.region, &instance.id)
        })
    }

    /// The primary interface.
    pub fn primary(&self) -> Option<&NetworkInterface> {
        self.interfaces().first().map(Arc::as_ref)
    }

    /// The profile, if one is associated.
    pub fn profile(&self) -> Option<&Profile> {
        self.profile.get_or_init(|| self.look_up_profile()).as_ref()
    }

    fn look_up_profile(&self) -> Option<Profile> {
        let association = ec2::instance::association_of(self.world, self.instance)?;
        let profile = iam::instance_profile::by_id(self.world, self.instance.account, &association.profile_id);
        let role = profile.as_deref().and_then(|profile| iam::instance_profile::role_in(self.world, profile));
        Some(Profile { association, profile, role })
    }
}
