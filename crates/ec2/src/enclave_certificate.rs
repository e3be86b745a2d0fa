//! Roles that may use a certificate inside of an enclave: the certificate with its encrypted key lies in a bucket of AWS's, for that role alone.
//! <https://docs.aws.amazon.com/enclaves/latest/user/nitro-enclave-refapp.html>
//!
//! Certificates are another service's, so one is taken by the form of its ARN; the role has to be there. Where AWS's words are not known they are ours.

use std::sync::Arc;

use service::arn::Arn;
use service::prelude::*;

use crate::refused::invalid;

service::operations! { Ec2;
    AssociateEnclaveCertificateIamRole => write(associate) authorize(on_both),
    DisassociateEnclaveCertificateIamRole => write(disassociate) authorize(to_disassociate),
    GetAssociatedEnclaveCertificateIamRoles => read(associated) authorize(on_certificate),
}

/// How many roles a certificate can have.
const MOST_ROLES: usize = 16;

/// A role that may use a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnclaveCertificateRole {
    pub account: AccountId,
    pub region: String,
    /// Their ARNs.
    pub certificate: String,
    pub role: String,
    /// What encrypts the certificate's key for the role.
    pub kms_key_id: String,
}

impl Record for EnclaveCertificateRole {
    const TABLE: TableDef =
        TableDef::own("ec2_enclave_certificate_role", &["account", "region", "certificate", "role"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.certificate, &self.role])
    }
}

impl EnclaveCertificateRole {
    fn bucket(&self) -> String {
        format!("aws-ec2-enclave-certificate-{}", self.region)
    }

    fn object_key(&self) -> String {
        format!("{}/{}", self.role, self.certificate)
    }
}

/// `AssociateEnclaveCertificateIamRoleRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct AssociateEnclaveCertificateIamRole {
    pub certificate_arn: String,
    pub role_arn: String,
    pub dry_run: Option<bool>,
}

/// `AssociateEnclaveCertificateIamRoleResult`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Associated {
    pub certificate_s3bucket_name: String,
    pub certificate_s3object_key: String,
    pub encryption_kms_key_id: String,
}

/// `DisassociateEnclaveCertificateIamRoleRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DisassociateEnclaveCertificateIamRole {
    pub certificate_arn: String,
    pub role_arn: String,
    pub dry_run: Option<bool>,
}

/// `DisassociateEnclaveCertificateIamRoleResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Disassociated {
    pub r#return: bool,
}

/// `GetAssociatedEnclaveCertificateIamRolesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetAssociatedEnclaveCertificateIamRoles {
    pub certificate_arn: String,
    pub dry_run: Option<bool>,
}

/// `GetAssociatedEnclaveCertificateIamRolesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Roles {
    pub associated_roles: Vec<RoleOut>,
}

/// `AssociatedRole`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct RoleOut {
    pub associated_role_arn: String,
    pub certificate_s3bucket_name: String,
    pub certificate_s3object_key: String,
    pub encryption_kms_key_id: String,
}

fn on_both(_: &Cx, _: &World, input: &AssociateEnclaveCertificateIamRole) -> Vec<Check> {
    vec![Check::on(input.certificate_arn.as_str()), Check::on(input.role_arn.as_str())]
}

fn to_disassociate(_: &Cx, _: &World, input: &DisassociateEnclaveCertificateIamRole) -> Vec<Check> {
    vec![Check::on(input.certificate_arn.as_str()), Check::on(input.role_arn.as_str())]
}

fn on_certificate(_: &Cx, _: &World, input: &GetAssociatedEnclaveCertificateIamRoles) -> Vec<Check> {
    vec![Check::on(input.certificate_arn.as_str())]
}

/// The certificate is one of the caller's account and region.
fn must_be_a_certificate(cx: &Cx, arn: &str) -> Result<(), ApiError> {
    let here =
        |arn: &Arn| arn.service == "acm" && (arn.region, arn.account) == (cx.region_name(), cx.account().as_str());
    match Arn::parse(arn).filter(here).and_then(|arn| arn.typed_resource()) {
        Some(("certificate", id)) if !id.is_empty() => Ok(()),
        _ => Err(invalid(format!("Value ({arn}) for parameter certificateArn is invalid."))),
    }
}

/// The role is one of the caller's account, by its whole ARN.
fn must_be_a_role(cx: &Cx, world: &World, arn: &str) -> Result<(), ApiError> {
    let role = iam::role::by_arn(cx.partition(), cx.arrived(world), arn);
    match role.filter(|role| role.account == cx.account()) {
        Some(_) => Ok(()),
        None => Err(invalid(format!("Value ({arn}) for parameter roleArn is invalid. The role does not exist."))),
    }
}

/// A role that has the certificate already keeps what it has.
fn associate(cx: &Cx, tx: &mut Tx, input: &AssociateEnclaveCertificateIamRole) -> Result<Associated, ApiError> {
    must_be_a_certificate(cx, &input.certificate_arn)?;
    must_be_a_role(cx, tx, &input.role_arn)?;
    let held = of_certificate(cx, tx, &input.certificate_arn);
    let association = match held.iter().find(|held| held.role == input.role_arn) {
        Some(held) => EnclaveCertificateRole::clone(held),
        None if held.len() >= MOST_ROLES => {
            let message = format!("The certificate '{}' has {MOST_ROLES} roles already.", input.certificate_arn);
            return Err(ApiError::new("ResourceCountLimitExceeded", message));
        }
        None => EnclaveCertificateRole {
            account: cx.account(),
            region: cx.region_name().to_owned(),
            certificate: input.certificate_arn.clone(),
            role: input.role_arn.clone(),
            kms_key_id: cx.ids.uuid(),
        },
    };
    tx.put(association.clone());
    Ok(Associated {
        certificate_s3bucket_name: association.bucket(),
        certificate_s3object_key: association.object_key(),
        encryption_kms_key_id: association.kms_key_id,
    })
}

fn disassociate(
    cx: &Cx,
    tx: &mut Tx,
    input: &DisassociateEnclaveCertificateIamRole,
) -> Result<Disassociated, ApiError> {
    must_be_a_certificate(cx, &input.certificate_arn)?;
    let account = cx.account();
    let key = [account.as_str(), cx.region_name(), &input.certificate_arn, &input.role_arn];
    match tx.remove::<EnclaveCertificateRole>(&key) {
        Some(_) => Ok(Disassociated { r#return: true }),
        None => Err(invalid(format!(
            "Value ({}) for parameter roleArn is invalid. The role is not associated with the certificate '{}'.",
            input.role_arn, input.certificate_arn
        ))),
    }
}

fn associated(cx: &Cx, world: &World, input: &GetAssociatedEnclaveCertificateIamRoles) -> Result<Roles, ApiError> {
    must_be_a_certificate(cx, &input.certificate_arn)?;
    let shown = |held: &Arc<EnclaveCertificateRole>| RoleOut {
        associated_role_arn: held.role.clone(),
        certificate_s3bucket_name: held.bucket(),
        certificate_s3object_key: held.object_key(),
        encryption_kms_key_id: held.kms_key_id.clone(),
    };
    Ok(Roles { associated_roles: of_certificate(cx, world, &input.certificate_arn).iter().map(shown).collect() })
}

fn of_certificate(cx: &Cx, world: &World, arn: &str) -> Vec<Arc<EnclaveCertificateRole>> {
    world.scan(&[cx.account().as_str(), cx.region_name(), arn]).cloned().collect()
}
