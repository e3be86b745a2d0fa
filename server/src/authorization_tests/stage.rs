//! A state with one of everything, and callers on it. Requests run here as they do in `pipeline`, without HTTP and without a store.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use service::cx::{Prepared, testing};
use service::decide::{self, Ruling};
use service::ids::Ids;
use service::keys::{InstallationKeys, SecretKey};
use service::operation::{AnyInput, Run};
use service::{ApiError, Check, Cx, Operation, Service, Tx, World};
use wire::Params;

use crate::registry;

/// A request's parameters in wire spelling.
pub type Parameters = Vec<(String, String)>;

/// The state with one of everything; made once.
pub static STAGE: LazyLock<Stage> = LazyLock::new(build);

/// The state with nothing but the caller.
pub static BARE: LazyLock<Stage> = LazyLock::new(build_bare);

/// A state, the root user's context, and the names of what is there.
pub struct Stage {
    pub world: World,
    pub cx: Cx,
    /// What sample requests say for a member: `VpcId`, or where that alone does not tell, `IamInstanceProfile.Arn`.
    pub names: BTreeMap<String, String>,
    calls: u16,
}

/// A request that was understood, with its checks.
pub struct Asked {
    pub cx: Cx,
    pub world: World,
    pub checks: Vec<Check>,
}

/// The name of the user whose permissions the tests set.
pub const CALLER: &str = "caller";

/// All rows, sorted by service and name.
pub fn rows() -> Vec<Operation> {
    let mut rows: Vec<Operation> =
        [iam::operations(), sts::operations(), ec2::operations(), ssm::operations()].into_iter().flatten().collect();
    rows.sort_by_key(|row| (row.service, row.name));
    rows
}

/// A request as the row's own input; panics if the model or the row refuses it, since then the sample is no good.
pub fn input_of(row: &Operation, parameters: &Parameters) -> AnyInput {
    let model = wire::model(row.service);
    let described = model.operation(row.name).expect(row.name);
    let value = wire::decode(model, described, &Params::from_pairs(parameters.clone()))
        .unwrap_or_else(|violations| panic!("{} {parameters:?}: {violations:?}", row.action()));
    row.input(model, described, &value).unwrap_or_else(|error| panic!("{} {parameters:?}: {error:?}", row.action()))
}

impl Stage {
    /// The request as the user [`CALLER`] makes it, who holds that policy or nothing.
    pub fn ask(&self, row: &Operation, parameters: &Parameters, policy: Option<&str>) -> Asked {
        let mut staged =
            Stage { world: self.world.clone(), cx: self.cx.clone(), names: BTreeMap::new(), calls: 10_000 };
        if let Some(policy) = policy {
            staged.done(
                Service::Iam,
                "PutUserPolicy",
                &[("UserName", CALLER), ("PolicyName", "given"), ("PolicyDocument", policy)],
            );
        }
        let user = iam::entity::find_user(&staged.world, staged.cx.account(), CALLER).unwrap();
        let caller = service::Caller {
            principal: service::Principal::User {
                id: user.id.clone(),
                name: user.name.clone(),
                path: user.path.clone(),
            },
            ..(*self.cx.caller).clone()
        };
        let cx = Cx { caller: Arc::new(caller), ..self.cx.clone() };
        let input = input_of(row, parameters);
        if let Err(error) = row.precheck(&cx, &staged.world, &input) {
            panic!("{} {parameters:?} fails before it is authorised: {error}", row.action());
        }
        let checks = row.checks(&cx, &staged.world, &input);
        Asked { cx, world: staged.world, checks }
    }

    /// What an operation answers to the root user, as XML; what it changed stays.
    fn done(&mut self, service: Service, operation: &str, parameters: &[(&str, &str)]) -> String {
        let row = rows().into_iter().find(|row| row.service == service && row.name == operation).expect(operation);
        let pairs = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let input = input_of(&row, &pairs);
        self.calls += 1;
        let ids = Ids::derived(&[&self.calls.to_be_bytes()]);
        let prepared = row.preparation(&self.cx, &self.world, &input).map(|prepare| prepare([7; 32]));
        let cx = Cx { ids, prepared: Prepared(prepared), ..self.cx.clone() };
        let answer = match row.handler(&input) {
            Run::Read(handler) => handler(&cx, &self.world, &input),
            Run::Write(handler) => {
                let mut tx = Tx::on(self.world.clone());
                let answer = handler(&cx, &mut tx, &input);
                self.world = World::clone(&tx);
                answer
            }
        };
        let answer = answer.unwrap_or_else(|error| panic!("{operation} {parameters:?}: {error}"));
        let model = wire::model(service);
        let xml = answer.write(model, model.operation(operation).unwrap(), "id").unwrap();
        String::from_utf8(xml).unwrap()
    }

    /// Moves the clock on.
    pub(super) fn wait(&mut self) {
        self.cx.now += jiff::SignedDuration::from_secs(2);
    }

    pub(super) fn iam(&mut self, operation: &str, parameters: &[(&str, &str)]) -> String {
        self.done(Service::Iam, operation, parameters)
    }

    pub(super) fn ec2(&mut self, operation: &str, parameters: &[(&str, &str)]) -> String {
        self.done(Service::Ec2, operation, parameters)
    }

    /// From now on sample requests say this for that member.
    pub(super) fn name(&mut self, member: &str, value: impl Into<String>) {
        self.names.insert(member.to_owned(), value.into());
    }

    pub(super) fn named(&self, member: &str) -> String {
        self.names.get(member).unwrap_or_else(|| panic!("nothing is named {member}")).clone()
    }
}

impl Asked {
    /// What becomes of every check, also after the first that fails.
    pub fn rulings(&self) -> Vec<Ruling> {
        let held = iam::policy_sets(&self.world, &self.cx.caller);
        self.checks.iter().map(|check| decide::decide(&self.cx, check, &held)).collect()
    }

    /// The error that such a ruling is answered with.
    pub fn denial(&self, service: Service, ruling: &Ruling) -> ApiError {
        decide::denial(&self.cx, &self.world, service, ruling)
    }
}

/// The text of the first element of that name.
pub(super) fn text(xml: &str, element: &str) -> String {
    let inside = xml.split_once(&format!("<{element}>")).and_then(|(_, rest)| rest.split_once('<'));
    inside.unwrap_or_else(|| panic!("no {element} in {xml}")).0.to_owned()
}

const EVERYTHING: &str =
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
/// Trusts the account, so that its identities still need permissions of their own.
const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
    "Principal": {"AWS": "123456789012", "Service": ["ec2.amazonaws.com", "spotfleet.amazonaws.com"]},
    "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetContext", "sts:SetSourceIdentity"]}}"#;
const BOUNDARY: &str = "arn:aws:iam::123456789012:policy/sample-policy";
const TAG: [(&str, &str); 2] = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "red")];

const POLICY_TEMPLATE: &str = "arn:aws:iam:::delegation-template/sample";
const ROLE_TEMPLATE: &str = r#"{"arn": "arn:aws:iam::aws:role-template/lambda.amazonaws.com/Sample:1", "name": "Sample", "majorVersion": 1,
    "defaultMinorVersion": 1, "managedBy": "lambda.amazonaws.com", "versions": [{"minorVersion": 1, "roleNamePattern": "@{name}",
    "parameters": [{"name": "name", "type": "String", "defaultValue": "acquired-role"}],
    "assumeRolePolicyDocumentTemplate":
    "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}}",
    "inlinePolicyTemplates": [{"policyName": "inline", "policyDocument":
    "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}"}],
    "managedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"], "permissionBoundaryArn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
    "tags": [{"key": "team", "value": "red"}], "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}]}"#;

fn build_bare() -> Stage {
    let cx = testing::root_cx();
    let mut tx = Tx::on(World::empty(registry::schema(), cx.now));
    let key = |byte| SecretKey::new([byte; 32]);
    tx.put(InstallationKeys { token: key(1), nonce: key(2), message: key(3), metadata: key(4), seed: key(5) });
    let mut stage = Stage { world: World::clone(&tx), cx, names: BTreeMap::new(), calls: 0 };
    stage.iam("CreateUser", &[("UserName", CALLER)]);
    stage
}

fn build() -> Stage {
    let mut stage = build_bare();
    let mut tx = Tx::on(stage.world.clone());
    ec2::settle(&stage.cx, &mut tx).unwrap();
    stage.world = World::clone(&tx);
    identities(&mut stage);
    super::federation::providers(&mut stage);
    second_factor(&mut stage);
    network(&mut stage);
    instance(&mut stage);
    super::launches::launches(&mut stage);
    super::launches::recycled(&mut stage);
    super::families::families(&mut stage);
    stage
}

fn identities(stage: &mut Stage) {
    let tagged = |parameters: &[(&'static str, &'static str)]| [parameters, TAG.as_slice()].concat();
    stage.iam("TagUser", &tagged(&[("UserName", CALLER)]));
    stage.name("EntityPath", "o-a1b2c3d4e5/r-ab12/123456789012");
    stage.iam("CreatePolicy", &tagged(&[("PolicyName", "sample-policy"), ("PolicyDocument", EVERYTHING)]));
    stage.iam("CreateUser", &tagged(&[("UserName", "sample-user"), ("PermissionsBoundary", BOUNDARY)]));
    stage.iam("CreateGroup", &[("GroupName", "sample-group")]);
    let role = [("RoleName", "sample-role"), ("AssumeRolePolicyDocument", TRUST), ("PermissionsBoundary", BOUNDARY)];
    stage.iam("CreateRole", &tagged(&role));
    let profile = ("InstanceProfileName", "sample-profile");
    stage.iam("CreateInstanceProfile", &tagged(&[profile]));
    stage.iam("AddRoleToInstanceProfile", &[profile, ("RoleName", "sample-role")]);
    linked_role(stage);
    delegation(stage);
    let key = text(&stage.iam("CreateAccessKey", &[("UserName", "sample-user")]), "AccessKeyId");
    stage.name("AccessKeyId", key);
    certify(stage);
    let credential = [("UserName", "sample-user"), ("ServiceName", "codecommit.amazonaws.com")];
    let made = stage.iam("CreateServiceSpecificCredential", &credential);
    stage.name("ServiceSpecificCredentialId", text(&made, "ServiceSpecificCredentialId"));
    for (member, value) in [
        ("UserName", "sample-user"),
        ("GroupName", "sample-group"),
        ("RoleName", "sample-role"),
        ("RoleArn", "arn:aws:iam::123456789012:role/sample-role"),
        ("RoleSessionName", "sample-session"),
        ("InstanceProfileName", "sample-profile"),
        ("ServerCertificateName", "sample-certificate"),
        ("AccountAlias", "sample-alias"),
        ("IamInstanceProfile.Arn", "arn:aws:iam::123456789012:instance-profile/sample-profile"),
        ("PolicyName", "sample-inline"),
        ("PolicyArn", BOUNDARY),
        ("PolicySourceArn", "arn:aws:iam::123456789012:user/sample-user"),
        ("PermissionsBoundary", BOUNDARY),
        ("PolicyDocument", EVERYTHING),
        ("AssumeRolePolicyDocument", TRUST),
        ("VersionId", "v1"),
        ("Key", "team"),
        ("Value", "red"),
        ("TagKeys", "team"),
        ("TargetPrincipal", "123456789012"),
        ("TaskPolicyArn.arn", "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"),
        ("SigningAlgorithm", "RS256"),
    ] {
        stage.name(member, value);
    }
}

/// A server certificate without what is inside one.
fn certify(stage: &mut Stage) {
    let mut tx = Tx::on(stage.world.clone());
    tx.put(iam::record::ServerCertificate {
        account: stage.cx.account(),
        id: "ASCASAMPLE".to_owned(),
        name: "sample-certificate".to_owned(),
        path: "/".to_owned(),
        body: String::new(),
        chain: None,
        uploaded_at: stage.cx.now,
        expires_at: stage.cx.now,
        tags: vec![service::tags::Tag::new("team", "red")],
    });
    stage.world = World::clone(&tx);
}

fn second_factor(stage: &mut Stage) {
    stage.iam("CreateVirtualMFADevice", &[[("VirtualMFADeviceName", "sample-device")].as_slice(), &TAG].concat());
    for (member, value) in [
        ("VirtualMFADeviceName", "sample-device"),
        ("SerialNumber", "arn:aws:iam::123456789012:mfa/sample-device"),
        ("AuthenticationCode1", "123456"),
        ("AuthenticationCode2", "654321"),
    ] {
        stage.name(member, value);
    }
}

/// The default network has one of each kind; they are found by describing them, tagged, and a group with a rule is added.
fn network(stage: &mut Stage) {
    for (operation, element, member) in [
        ("DescribeVpcs", "vpcId", "VpcId"),
        ("DescribeSubnets", "subnetId", "SubnetId"),
        ("DescribeRouteTables", "routeTableId", "RouteTableId"),
        ("DescribeNetworkAcls", "networkAclId", "NetworkAclId"),
        ("DescribeInternetGateways", "internetGatewayId", "InternetGatewayId"),
        ("DescribeDhcpOptions", "dhcpOptionsId", "DhcpOptionsId"),
    ] {
        let id = text(&stage.ec2(operation, &[]), element);
        tag(stage, &id);
        stage.name(member, id);
    }
    associations(stage);
    super::launches::ipv6(stage);
    let vpc = stage.named("VpcId");
    let group = [("GroupName", "sample-group"), ("GroupDescription", "a sample"), ("VpcId", vpc.as_str())];
    let id = text(&stage.ec2("CreateSecurityGroup", &group), "groupId");
    tag(stage, &id);
    let rule = [
        ("GroupId", id.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "22"),
        ("IpPermissions.1.ToPort", "22"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "192.0.2.0/24"),
    ];
    let rule = text(&stage.ec2("AuthorizeSecurityGroupIngress", &rule), "securityGroupRuleId");
    tag(stage, &rule);
    stage.name("GroupId", id);
    stage.name("SecurityGroupRuleId", rule);
}

/// What the default network's parts are associated with, and how.
fn associations(stage: &mut Stage) {
    let block = text(&stage.ec2("DescribeVpcs", &[]), "associationId");
    stage.name("VpcCidrAssociationId", block);
    let acls = stage.ec2("DescribeNetworkAcls", &[]);
    tag(stage, &text(&acls, "subnetId"));
    stage.name("NetworkAclAssociationId", text(&acls, "networkAclAssociationId"));
    let (table, subnet) = (stage.named("RouteTableId"), stage.named("SubnetId"));
    let own = [("RouteTableId", table.as_str()), ("SubnetId", subnet.as_str())];
    let association = text(&stage.ec2("AssociateRouteTable", &own), "associationId");
    stage.name("SubnetRouteAssociationId", association);
    let gateway = stage.named("InternetGatewayId");
    let edge = [("RouteTableId", table.as_str()), ("GatewayId", gateway.as_str())];
    let association = text(&stage.ec2("AssociateRouteTable", &edge), "associationId");
    stage.name("GatewayRouteAssociationId", association);
}

fn instance(stage: &mut Stage) {
    let key = [("KeyName", "sample-key"), ("KeyType", "ed25519")];
    let key = text(&stage.ec2("CreateKeyPair", &key), "keyPairId");
    tag(stage, &key);
    let images = ec2::catalogue::images::images(stage.cx.region_name());
    let image = images.iter().find(|image| image.name.starts_with("al2023-ami-2023") && image.architecture == "x86_64");
    let (image, devices) = image.map(|image| (image.image_id.clone(), &image.block_device_mappings)).unwrap();
    let snapshot = devices.iter().find_map(|device| device.ebs.as_ref()?.snapshot_id.clone()).unwrap();
    let launch = [
        ("ImageId", image.as_str()),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("InstanceType", "m6a.large"),
        ("CpuOptions.AmdSevSnp", "enabled"),
        ("KeyName", "sample-key"),
        ("IamInstanceProfile.Name", "sample-profile"),
        ("Placement.GroupName", "sample-placement"),
    ];
    super::launches::placement(stage);
    let launched = stage.ec2("RunInstances", &launch);
    for (element, member) in [("instanceId", "InstanceId"), ("networkInterfaceId", "NetworkInterfaceId")] {
        let id = text(&launched, element);
        tag(stage, &id);
        stage.name(member, id);
    }
    let volume = text(&stage.ec2("DescribeVolumes", &[]), "volumeId");
    tag(stage, &volume);
    let snapshot_of_own = text(&stage.ec2("CreateSnapshot", &[("VolumeId", volume.as_str())]), "snapshotId");
    tag(stage, &snapshot_of_own);
    stage.name("OwnSnapshotId", snapshot_of_own.as_str());
    stage.name("SourceSnapshotId", snapshot_of_own);
    stage.name("SourceRegion", "us-east-1");
    stage.name("VolumeId", volume);
    super::launches::own_image(stage);
    super::launches::imports(stage);
    addresses(stage, &launched);
    around_the_instance(stage);
    let association = text(&stage.ec2("DescribeIamInstanceProfileAssociations", &[]), "associationId");
    stage.name("AssociationId", association);
    let instance = stage.named("InstanceId");
    sell(stage, &instance);
    for (member, value) in [
        ("InstanceIds", instance.as_str()),
        ("Resources", instance.as_str()),
        ("ImageId", image.as_str()),
        ("KeyName", "sample-key"),
        ("KeyPairId", key.as_str()),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("PublicKeyMaterial", "c2FtcGxl"),
        ("SnapshotId", snapshot.as_str()),
    ] {
        stage.name(member, value);
    }
}

/// An elastic address before the instance's interface.
fn addresses(stage: &mut Stage, launched: &str) {
    stage.name("AttachmentId", text(launched, "attachmentId"));
    let interface = stage.named("NetworkInterfaceId");
    let lent = [
        ("NetworkInterfaceId", interface.as_str()),
        ("AwsAccountId", "210987654321"),
        ("Permission", "INSTANCE-ATTACH"),
    ];
    let id = text(&stage.ec2("CreateNetworkInterfacePermission", &lent), "networkInterfacePermissionId");
    stage.name("NetworkInterfacePermissionId", id);
    let made = stage.ec2("AllocateAddress", &[]);
    let (id, ip) = (text(&made, "allocationId"), text(&made, "publicIp"));
    tag(stage, &id);
    let interface = stage.named("NetworkInterfaceId");
    let request = [("AllocationId", id.as_str()), ("NetworkInterfaceId", interface.as_str())];
    let association = text(&stage.ec2("AssociateAddress", &request), "associationId");
    stage.name("AllocationId", id);
    stage.name("PublicIp", ip);
    stage.name("AddressAssociationId", association);
}

/// An event window, a door into the subnet, and the name of an event.
fn around_the_instance(stage: &mut Stage) {
    let window = [("CronExpression", "* 0-4 * * *")];
    let window = text(&stage.ec2("CreateInstanceEventWindow", &window), "instanceEventWindowId");
    tag(stage, &window);
    stage.name("InstanceEventWindowId", window);
    let subnet = stage.named("SubnetId");
    let endpoint = stage.ec2("CreateInstanceConnectEndpoint", &[("SubnetId", &subnet)]);
    let endpoint = text(&endpoint, "instanceConnectEndpointId");
    tag(stage, &endpoint);
    stage.name("InstanceConnectEndpointId", endpoint);
    stage.name("InstanceEventId", "instance-event-0123456789abcdef0");
}

/// A service-linked role, and a deletion of another that is under way.
fn linked_role(stage: &mut Stage) {
    stage.iam("CreateServiceLinkedRole", &[("AWSServiceName", "autoscaling.amazonaws.com")]);
    let made = stage.iam("CreateServiceLinkedRole", &[("AWSServiceName", "batch.amazonaws.com")]);
    let name = text(&made, "RoleName");
    stage.iam("TagRole", &[&[("RoleName", name.as_str())], TAG.as_slice()].concat());
    let asked = stage.iam("DeleteServiceLinkedRole", &[("RoleName", &name)]);
    stage.name("DeletionTaskId", text(&asked, "DeletionTaskId"));
    stage.name("AWSServiceName", "autoscaling.amazonaws.com");
}

/// A delegation request of the account's own, which root took over, and the templates it and a role are made of.
fn delegation(stage: &mut Stage) {
    let mut tx = Tx::on(stage.world.clone());
    tx.put(iam::record::PolicyTemplate {
        arn: POLICY_TEMPLATE.to_owned(),
        requestor: stage.cx.account(),
        requestor_name: "Sample".to_owned(),
        document: EVERYTHING.to_owned(),
    });
    tx.put(serde_json::from_str::<iam::record::RoleTemplate>(ROLE_TEMPLATE).unwrap());
    stage.world = World::clone(&tx);
    let topic = "arn:aws:sns:us-east-1:123456789012:sample";
    let request = [
        ("Description", "a sample"),
        ("Permissions.PolicyTemplateArn", POLICY_TEMPLATE),
        ("RequestorWorkflowId", "sample-flow"),
        ("NotificationChannel", topic),
        ("SessionDuration", "3600"),
    ];
    let id = text(&stage.iam("CreateDelegationRequest", &request), "DelegationRequestId");
    stage.iam("AssociateDelegationRequest", &[("DelegationRequestId", &id)]);
    stage.name("EntityArn", format!("arn:aws:iam::123456789012:delegation-request/{id}"));
    stage.name("DelegationRequestId", id);
    let template = "arn:aws:iam::aws:role-template/lambda.amazonaws.com/Sample:1";
    stage.iam("AcquireRole", &[("TemplateArn", template)]);
    for (member, value) in [
        ("NotificationChannel", topic),
        ("Permissions.PolicyTemplateArn", POLICY_TEMPLATE),
        ("TemplateArn", template),
        ("TradeInToken", "sample"),
    ] {
        stage.name(member, value);
    }
}

/// Makes it an instance of an image out of the marketplace, which no image of the catalogue is.
fn sell(stage: &mut Stage, id: &str) {
    let mut tx = Tx::on(stage.world.clone());
    let account = stage.cx.account();
    let key = [account.as_str(), stage.cx.region_name(), id];
    let code = ("sample-code".to_owned(), "marketplace".to_owned());
    assert!(tx.update::<ec2::instance::Instance>(&key, |instance| {
        Arc::make_mut(&mut instance.image).product_codes.push(code)
    }));
    stage.world = World::clone(&tx);
}

pub(super) fn tag(stage: &mut Stage, id: &str) {
    stage.ec2("CreateTags", &[("ResourceId.1", id), ("Tag.1.Key", "team"), ("Tag.1.Value", "red")]);
}
