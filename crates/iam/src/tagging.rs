//! Tags of users, roles, managed policies, instance profiles and whatever else carries some: one set of verbs for all kinds, and the checks
//! every creation makes.
//!
//! What differs by kind is said by [`Tagged`]; the rest is generic. The tags themselves live in the record that carries them.
//! Start reading at [`Tagged`].

use std::sync::Arc;

use service::paging;
use service::prelude::*;
use service::tags::{MOST, merge, same_key, same_key_ignoring_case};

use crate::entity;
use crate::managed_policy;
use crate::record::{
    InstanceProfile, ManagedPolicy, MfaDevice, OidcProvider, Role, SamlProvider, ServerCertificate, User,
};
use crate::{oidc_provider, saml_provider};

/// A kind of record that carries tags.
pub trait Tagged: Record + Clone {
    /// When two keys are one. IAM ignores case for users and roles, and for nothing else: see
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html>.
    const SAME_KEY: fn(&str, &str) -> bool;
    /// Whether no tags may be removed; seen of users alone, refused for server certificates and identity providers (September 2026).
    const TAKES_NO_KEYS: bool = false;
    /// The refusal to set no tags, as it was recorded for server certificates (September 2026).
    const NO_TAGS: &str = "The provided tag map must not be null/empty.";

    /// The record a request names, by name or (policies) by ARN.
    fn find(cx: &Cx, world: &World, name: &str) -> Result<Arc<Self>, ApiError>;
    /// The check of an operation on it, whether it exists or not.
    fn check(cx: &Cx, world: &World, name: &str) -> Check;
    /// The tags that it shows.
    fn shown(cx: &Cx, world: &World, name: &str) -> Result<Vec<Tag>, ApiError> {
        Self::find(cx, world, name).map(|record| record.tags().clone())
    }
    fn tags(&self) -> &Vec<Tag>;
    fn tags_mut(&mut self) -> &mut Vec<Tag>;
}

impl Tagged for User {
    const SAME_KEY: fn(&str, &str) -> bool = same_key_ignoring_case;
    const TAKES_NO_KEYS: bool = true;
    const NO_TAGS: &str = "Error occurred while validating input. ";

    fn find(cx: &Cx, world: &World, name: &str) -> Result<Arc<Self>, ApiError> {
        entity::user(cx, world, name)
    }

    fn check(cx: &Cx, world: &World, name: &str) -> Check {
        entity::check_user(cx, world, name)
    }

    fn tags(&self) -> &Vec<Tag> {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }
}

impl Tagged for Role {
    const SAME_KEY: fn(&str, &str) -> bool = same_key_ignoring_case;
    const TAKES_NO_KEYS: bool = true;
    const NO_TAGS: &str = "Error occurred while validating input. ";

    fn find(cx: &Cx, world: &World, name: &str) -> Result<Arc<Self>, ApiError> {
        entity::role(cx, world, name)
    }

    fn check(cx: &Cx, world: &World, name: &str) -> Check {
        entity::check_role(cx, world, name)
    }

    fn tags(&self) -> &Vec<Tag> {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }
}

impl Tagged for InstanceProfile {
    const SAME_KEY: fn(&str, &str) -> bool = same_key;

    fn find(cx: &Cx, world: &World, name: &str) -> Result<Arc<Self>, ApiError> {
        entity::profile(cx, world, name)
    }

    fn check(cx: &Cx, world: &World, name: &str) -> Check {
        entity::check_profile(cx, world, name)
    }

    fn tags(&self) -> &Vec<Tag> {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }
}

impl Tagged for ServerCertificate {
    const SAME_KEY: fn(&str, &str) -> bool = same_key;

    fn find(cx: &Cx, world: &World, name: &str) -> Result<Arc<Self>, ApiError> {
        entity::server_certificate(cx, world, name)
    }

    fn check(cx: &Cx, world: &World, name: &str) -> Check {
        entity::check_server_certificate(cx, world, name)
    }

    fn tags(&self) -> &Vec<Tag> {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }
}

impl Tagged for ManagedPolicy {
    const SAME_KEY: fn(&str, &str) -> bool = same_key;

    fn find(cx: &Cx, world: &World, arn: &str) -> Result<Arc<Self>, ApiError> {
        if managed_policy::is_aws(arn) {
            return Err(ApiError::new("InvalidInput", "Tags not supported for policies in this domain"));
        }
        managed_policy::own(cx, world, arn, "tag policies")
    }

    fn shown(cx: &Cx, world: &World, arn: &str) -> Result<Vec<Tag>, ApiError> {
        // None can be set, and none are there.
        match managed_policy::summary(cx, world, arn) {
            Some(found) => Ok(found.tags),
            None => Self::find(cx, world, arn).map(|policy| policy.tags.clone()),
        }
    }

    fn check(cx: &Cx, world: &World, arn: &str) -> Check {
        managed_policy::check(cx, world, arn)
    }

    fn tags(&self) -> &Vec<Tag> {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }
}

impl Tagged for OidcProvider {
    const SAME_KEY: fn(&str, &str) -> bool = same_key;

    fn find(cx: &Cx, world: &World, arn: &str) -> Result<Arc<Self>, ApiError> {
        oidc_provider::find(cx, world, arn)
    }

    fn check(cx: &Cx, world: &World, arn: &str) -> Check {
        oidc_provider::check(cx, world, arn)
    }

    fn tags(&self) -> &Vec<Tag> {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }
}

impl Tagged for SamlProvider {
    const SAME_KEY: fn(&str, &str) -> bool = same_key;

    fn find(cx: &Cx, world: &World, arn: &str) -> Result<Arc<Self>, ApiError> {
        saml_provider::find(cx, world, arn)
    }

    fn check(cx: &Cx, world: &World, arn: &str) -> Check {
        saml_provider::check(cx, world, arn)
    }

    fn tags(&self) -> &Vec<Tag> {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }
}

/// The tags of a user or role about to be created; see [`tags_for_create`].
pub fn for_new(tags: &[Tag]) -> Result<Vec<Tag>, ApiError> {
    tags_for_create::<Role>(tags)
}

/// The tags of something about to be created as a `T`: `InvalidInput` for a key given twice or a reserved one.
///
/// Lengths, characters and the number of tags are constraints of the model, checked before.
pub fn tags_for_create<T: Tagged>(tags: &[Tag]) -> Result<Vec<Tag>, ApiError> {
    for (position, tag) in tags.iter().enumerate() {
        if tags.iter().take(position).any(|earlier| (T::SAME_KEY)(&earlier.key, &tag.key)) {
            let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(ApiError::new("InvalidInput", text));
        }
        if tag.key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
            let text = "Tag keys beginning with aws: are reserved for system use.";
            return Err(ApiError::new("InvalidInput", text));
        }
    }
    Ok(tags.to_vec())
}

/// Declares tag, untag and list for one kind and ties them to the generic verbs.
macro_rules! tagged {
    ($module:ident, $kind:ty, $name:ident) => {
        /// Tag, untag and list for this kind.
        pub mod $module {
            use super::*;

            /// Tags to set.
            #[derive(Debug, Deserialize, Shaped)]
            pub struct Set {
                pub $name: String,
                pub tags: Vec<Tag>,
            }

            /// Keys of tags to remove.
            #[derive(Debug, Deserialize, Shaped)]
            pub struct Remove {
                pub $name: String,
                pub tag_keys: Vec<String>,
            }

            /// Whose tags to list.
            #[derive(Debug, Deserialize, Shaped)]
            pub struct List {
                pub $name: String,
                pub marker: Option<String>,
                pub max_items: Option<i64>,
            }

            /// Adds tags, replacing those of the same keys.
            pub fn set(cx: &Cx, tx: &mut Tx, input: &Set) -> Result<Done, ApiError> {
                super::set::<$kind>(cx, tx, &input.$name, &input.tags)
            }

            /// Removes tags; keys that are not there are passed over.
            pub fn remove(cx: &Cx, tx: &mut Tx, input: &Remove) -> Result<Done, ApiError> {
                super::remove::<$kind>(cx, tx, &input.$name, &input.tag_keys)
            }

            /// A page of the tags, by key.
            pub fn list(cx: &Cx, world: &World, input: &List) -> Result<Listed, ApiError> {
                super::list::<$kind>(cx, world, &input.$name, input.marker.as_deref(), input.max_items)
            }

            /// On the entity, with the tags asked for.
            pub fn check_set(cx: &Cx, world: &World, input: &Set) -> Vec<Check> {
                vec![<$kind>::check(cx, world, &input.$name).request_tags(&input.tags)]
            }

            /// On the entity, with the keys to be removed.
            pub fn check_remove(cx: &Cx, world: &World, input: &Remove) -> Vec<Check> {
                vec![<$kind>::check(cx, world, &input.$name).tag_keys(&input.tag_keys)]
            }

            /// On the entity.
            pub fn check_list(cx: &Cx, world: &World, input: &List) -> Vec<Check> {
                vec![<$kind>::check(cx, world, &input.$name)]
            }
        }
    };
}

tagged!(of_user, User, user_name);
tagged!(of_role, Role, role_name);
tagged!(of_policy, ManagedPolicy, policy_arn);
tagged!(of_profile, InstanceProfile, instance_profile_name);
tagged!(of_oidc_provider, OidcProvider, open_id_connect_provider_arn);
tagged!(of_saml_provider, SamlProvider, saml_provider_arn);
tagged!(of_server_certificate, ServerCertificate, server_certificate_name);
tagged!(of_mfa_device, MfaDevice, serial_number);

service::operations! { Iam;
    TagUser => write(of_user::set) authorize(of_user::check_set),
    UntagUser => write(of_user::remove) authorize(of_user::check_remove),
    ListUserTags => read(of_user::list) authorize(of_user::check_list),
    TagRole => write(of_role::set) authorize(of_role::check_set),
    UntagRole => write(of_role::remove) authorize(of_role::check_remove),
    ListRoleTags => read(of_role::list) authorize(of_role::check_list),
    TagPolicy => write(of_policy::set) authorize(of_policy::check_set),
    UntagPolicy => write(of_policy::remove) authorize(of_policy::check_remove),
    ListPolicyTags => read(of_policy::list) authorize(of_policy::check_list),
    TagInstanceProfile => write(of_profile::set) authorize(of_profile::check_set),
    UntagInstanceProfile => write(of_profile::remove) authorize(of_profile::check_remove),
    ListInstanceProfileTags => read(of_profile::list) authorize(of_profile::check_list),
    TagOpenIDConnectProvider => write(of_oidc_provider::set) authorize(of_oidc_provider::check_set),
    UntagOpenIDConnectProvider => write(of_oidc_provider::remove) authorize(of_oidc_provider::check_remove),
    ListOpenIDConnectProviderTags => read(of_oidc_provider::list) authorize(of_oidc_provider::check_list),
    TagSAMLProvider => write(of_saml_provider::set) authorize(of_saml_provider::check_set),
    UntagSAMLProvider => write(of_saml_provider::remove) authorize(of_saml_provider::check_remove),
    ListSAMLProviderTags => read(of_saml_provider::list) authorize(of_saml_provider::check_list),
    TagServerCertificate => write(of_server_certificate::set) authorize(of_server_certificate::check_set),
    UntagServerCertificate => write(of_server_certificate::remove) authorize(of_server_certificate::check_remove),
    ListServerCertificateTags => read(of_server_certificate::list) authorize(of_server_certificate::check_list),
    TagMFADevice => write(of_mfa_device::set) authorize(of_mfa_device::check_set),
    UntagMFADevice => write(of_mfa_device::remove) authorize(of_mfa_device::check_remove),
    ListMFADeviceTags => read(of_mfa_device::list) authorize(of_mfa_device::check_list),
}

fn set<T: Tagged>(cx: &Cx, tx: &mut Tx, name: &str, tags: &[Tag]) -> Result<Done, ApiError> {
    if tags.is_empty() {
        return Err(ApiError::new("InvalidInput", T::NO_TAGS));
    }
    let new = tags_for_create::<T>(tags)?;
    let mut record = T::clone(&*T::find(cx, tx, name)?);
    merge(record.tags_mut(), &new, T::SAME_KEY);
    if record.tags().len() > MOST {
        return Err(ApiError::new("LimitExceeded", "The number of tags has reached the maximum limit."));
    }
    tx.put(record);
    Ok(Done {})
}

fn remove<T: Tagged>(cx: &Cx, tx: &mut Tx, name: &str, keys: &[String]) -> Result<Done, ApiError> {
    if keys.is_empty() && !T::TAKES_NO_KEYS {
        return Err(ApiError::new("InvalidInput", "The provided tag keys must not be null/empty."));
    }
    let mut record = T::clone(&*T::find(cx, tx, name)?);
    record.tags_mut().retain(|tag| !keys.iter().any(|key| (T::SAME_KEY)(key, &tag.key)));
    tx.put(record);
    Ok(Done {})
}

/// The tags as answers that leave out an empty list show them.
pub fn shown(tags: &[Tag]) -> Option<Vec<Tag>> {
    (!tags.is_empty()).then(|| sorted(tags))
}

/// The tags by key.
pub fn sorted(tags: &[Tag]) -> Vec<Tag> {
    let mut tags = tags.to_vec();
    tags.sort();
    tags
}

/// A page of tags.
#[derive(Debug, Serialize, Shaped)]
pub struct Listed {
    tags: Vec<Tag>,
    is_truncated: bool,
    marker: Option<String>,
}

fn list<T: Tagged>(
    cx: &Cx,
    world: &World,
    name: &str,
    marker: Option<&str>,
    max_items: Option<i64>,
) -> Result<Listed, ApiError> {
    let mut tags = T::shown(cx, world, name)?;
    tags.sort();
    let scope = format!("tags of {} {} {name}", std::any::type_name::<T>(), cx.account());
    let page = paging::iam(&scope, marker, max_items, tags, |tag| tag.key.clone())?;
    Ok(Listed { is_truncated: page.is_truncated(), marker: page.next, tags: page.items })
}

#[cfg(test)]
mod tests;
