//! What launches name and what they are bought as, an image of one's own, a subnet's IPv6: for requests to name.

use service::{Tx, World};

use super::stage::{Stage, tag, text};

/// What launches name: a capacity reservation, a template.
pub fn launches(stage: &mut Stage) {
    let reservation = [
        ("InstanceType", "m5.large"),
        ("InstancePlatform", "Linux/UNIX"),
        ("InstanceCount", "1"),
        ("AvailabilityZone", "us-east-1a"),
    ];
    let id = text(&stage.ec2("CreateCapacityReservation", &reservation), "capacityReservationId");
    tag(stage, &id);
    stage.name("CapacityReservationId", id.as_str());
    let image = stage.named("ImageId");
    let template = [
        ("LaunchTemplateName", "sample-template"),
        ("LaunchTemplateData.ImageId", image.as_str()),
        ("LaunchTemplateData.InstanceType", "m6a.large"),
        ("LaunchTemplateData.CpuOptions.AmdSevSnp", "enabled"),
        (
            "LaunchTemplateData.CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId",
            id.as_str(),
        ),
    ];
    let id = text(&stage.ec2("CreateLaunchTemplate", &template), "launchTemplateId");
    tag(stage, &id);
    stage.name("LaunchTemplateId", id);
    stage.name("LaunchTemplateName", "sample-template");
    let by_parameter = [
        ("LaunchTemplateName", "by-parameter"),
        ("LaunchTemplateData.InstanceType", "t3.micro"),
        (
            "LaunchTemplateData.ImageId",
            "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        ),
    ];
    let id = text(&stage.ec2("CreateLaunchTemplate", &by_parameter), "launchTemplateId");
    stage.name("ParameterTemplateId", id);
    bought(stage);
}

/// The placement group that the instance is in.
pub fn placement(stage: &mut Stage) {
    let group = [("GroupName", "sample-placement"), ("Strategy", "spread")];
    let id = text(&stage.ec2("CreatePlacementGroup", &group), "groupId");
    tag(stage, &id);
    stage.name("PlacementGroupId", id);
    stage.name("PlacementGroupName", "sample-placement");
}

/// What launches are bought as: a Spot request, a fleet, a Spot fleet, a dedicated host, Reserved Instances.
fn bought(stage: &mut Stage) {
    let (image, template) = (stage.named("ImageId"), stage.named("LaunchTemplateId"));
    let request = [("LaunchSpecification.ImageId", image.as_str()), ("LaunchSpecification.InstanceType", "m5.large")];
    let id = text(&stage.ec2("RequestSpotInstances", &request), "spotInstanceRequestId");
    tag(stage, &id);
    stage.name("SpotInstanceRequestIds", id.as_str());
    stage.name("SpotInstanceRequestId", id);
    let fleet = [
        ("LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateId", template.as_str()),
        ("LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version", "1"),
        ("TargetCapacitySpecification.TotalTargetCapacity", "0"),
    ];
    let id = text(&stage.ec2("CreateFleet", &fleet), "fleetId");
    tag(stage, &id);
    stage.name("FleetIds", id.as_str());
    stage.name("FleetId", id);
    let fleet = [
        ("SpotFleetRequestConfig.IamFleetRole", "arn:aws:iam::123456789012:role/sample-role"),
        ("SpotFleetRequestConfig.TargetCapacity", "0"),
        ("SpotFleetRequestConfig.LaunchSpecifications.1.ImageId", image.as_str()),
    ];
    let id = text(&stage.ec2("RequestSpotFleet", &fleet), "spotFleetRequestId");
    tag(stage, &id);
    stage.name("IamFleetRole", "arn:aws:iam::123456789012:role/sample-role");
    stage.name("SpotFleetRequestIds", id.as_str());
    stage.name("SpotFleetRequestId", id);
    let host = [("InstanceType", "m5.large"), ("AvailabilityZone", "us-east-1a"), ("Quantity", "1")];
    let id = text(&stage.ec2("AllocateHosts", &host), "item");
    tag(stage, &id);
    stage.name("HostIds", id.as_str());
    stage.name("HostId", id);
    reserved_hosts(stage);
    capacity(stage);
    let zonal = [("InstanceType", "m5.large"), ("AvailabilityZone", "us-east-1a")];
    let offered = stage.ec2("DescribeReservedInstancesOfferings", &zonal);
    let offering = text(&offered, "reservedInstancesOfferingId");
    let bought = [
        ("ReservedInstancesOfferingId", offering.as_str()),
        ("InstanceCount", "1"),
        ("PurchaseTime", "2090-01-01T00:00:00Z"),
    ];
    let id = text(&stage.ec2("PurchaseReservedInstancesOffering", &bought), "reservedInstancesId");
    stage.name("ReservedInstanceIds", id.as_str());
    stage.name("ReservedInstancesIds", id);
    stage.name("ReservedInstancesOfferingId", offering);
}

/// The dedicated host is reserved for a year.
fn reserved_hosts(stage: &mut Stage) {
    let family = [("Filter.1.Name", "instance-family"), ("Filter.1.Value.1", "m5")];
    let offering = text(&stage.ec2("DescribeHostReservationOfferings", &family), "offeringId");
    let host = stage.named("HostId");
    let bought = [("OfferingId", offering.as_str()), ("HostIdSet.1", host.as_str())];
    let id = text(&stage.ec2("PurchaseHostReservation", &bought), "hostReservationId");
    tag(stage, &id);
    stage.name("HostReservationId", id);
    stage.name("HostIdSet", host);
}

const QUOTE: &str = "crcq-0123456789abcdef0";

/// A Capacity Block, and what is on offer for another.
fn capacity_block(stage: &mut Stage) {
    let wanted = [("InstanceType", "p5.48xlarge"), ("InstanceCount", "1"), ("CapacityDurationHours", "24")];
    let offering = text(&stage.ec2("DescribeCapacityBlockOfferings", &wanted), "capacityBlockOfferingId");
    let bought = [("CapacityBlockOfferingId", offering.as_str()), ("InstancePlatform", "Linux/UNIX")];
    let id = text(&stage.ec2("PurchaseCapacityBlock", &bought), "capacityBlockId");
    tag(stage, &id);
    stage.name("CapacityBlockOfferingId", offering);
    stage.name("CapacityBlockId", id);
}

/// A fleet of capacity reservations, and its reservation, which has everything that one can have.
fn capacity(stage: &mut Stage) {
    let fleet = [
        ("TotalTargetCapacity", "2"),
        ("EndDate", "2090-01-01T00:00:00Z"),
        ("InstanceTypeSpecification.1.InstanceType", "m5.large"),
        ("InstanceTypeSpecification.1.InstancePlatform", "Linux/UNIX"),
        ("InstanceTypeSpecification.1.AvailabilityZone", "us-east-1a"),
    ];
    let made = stage.ec2("CreateCapacityReservationFleet", &fleet);
    let (fleet, held) = (text(&made, "capacityReservationFleetId"), text(&made, "capacityReservationId"));
    tag(stage, &fleet);
    tag(stage, &held);
    let mut tx = Tx::on(stage.world.clone());
    let account = stage.cx.account();
    let key = [account.as_str(), stage.cx.region_name(), held.as_str()];
    let group = "arn:aws:ec2:us-east-1:123456789012:placement-group/sample-placement";
    let now = stage.cx.now;
    tx.update::<ec2::capacity::CapacityReservation>(&key, |it| {
        it.placement_group = Some(group.to_owned());
        it.allocation = Some(ec2::capacity::interruptible::Allocation {
            id: "cr-0123456789abcdef0".to_owned(),
            target: 1,
            retain: false,
            changed_at: now,
            is_updated: false,
        });
    });
    tx.put(ec2::capacity::quote::CancellationQuote {
        account,
        region: stage.cx.region_name().to_owned(),
        id: QUOTE.to_owned(),
        reservation_id: held.clone(),
        created_at: now,
        count: 1,
        reservation_state: "active".to_owned(),
        charge_hours: 1,
        charge_end: now,
        is_used: false,
        tags: Vec::new(),
    });
    stage.world = World::clone(&tx);
    tag(stage, QUOTE);
    stage.name("CapacityReservationCancellationQuoteId", QUOTE);
    capacity_block(stage);
    stage.name("CapacityReservationFleetIds", fleet.as_str());
    stage.name("CapacityReservationFleetId", fleet);
    let other = stage.named("CapacityReservationId");
    stage.name("SourceCapacityReservationId", held);
    stage.name("UnusedReservationBillingOwnerId", "210987654321");
    stage.name("DestinationCapacityReservationId", other);
}

/// What lies in the Recycle Bin: copies of the account's own image, snapshot and volume.
pub fn recycled(stage: &mut Stage) {
    use ec2::recycle_bin::{Content, Recycled};
    let account = stage.cx.account();
    let region = stage.cx.region_name().to_owned();
    let held = |id: &str| [account.to_string(), region.clone(), id.to_owned()];
    fn found<R: storage::Record + Clone>(world: &World, key: &[String; 3]) -> Box<R> {
        Box::new((**world.get::<R>(&key.each_ref().map(String::as_str)).unwrap()).clone())
    }
    let image = Content::Image(found(&stage.world, &held(&stage.named("OwnImageId"))));
    let snapshot = Content::Snapshot(found(&stage.world, &held(&stage.named("OwnSnapshotId"))));
    let volume = Content::Volume(found(&stage.world, &held(&stage.named("VolumeId"))));
    let mut tx = Tx::on(stage.world.clone());
    for (name, content) in [("OwnImageId", image), ("OwnSnapshotId", snapshot), ("VolumeId", volume)] {
        let exits_at = stage.cx.now + jiff::SignedDuration::from_hours(24);
        tx.put(Recycled {
            account: stage.cx.account(),
            region: stage.cx.region_name().to_owned(),
            id: stage.named(name),
            content,
            entered_at: stage.cx.now,
            exits_at,
        });
    }
    stage.world = World::clone(&tx);
}

/// An image of the account's own snapshot, which is locked, and a task that replaced a root volume.
pub fn own_image(stage: &mut Stage) {
    use ec2::catalogue::images::{BlockDevice, EbsDevice, Image};
    let snapshot = stage.named("OwnSnapshotId");
    let lock =
        [("SnapshotId", snapshot.as_str()), ("LockMode", "compliance"), ("CoolOffPeriod", "1"), ("LockDuration", "1")];
    stage.ec2("LockSnapshot", &lock);
    let id = "ami-0123456789abcdef0";
    let ebs = EbsDevice { snapshot_id: Some(snapshot), volume_size: Some(8), ..EbsDevice::default() };
    let root = BlockDevice { device_name: Some("/dev/xvda".to_owned()), ebs: Some(ebs), ..BlockDevice::default() };
    let facts = Image {
        image_id: id.to_owned(),
        name: "sample-image".to_owned(),
        block_device_mappings: vec![root],
        ..Image::default()
    };
    let task = ec2::volume::ReplaceRootVolumeTask {
        account: stage.cx.account(),
        region: stage.cx.region_name().to_owned(),
        id: "replacevol-0123456789abcdef0".to_owned(),
        instance_id: stage.named("InstanceId"),
        image_id: None,
        snapshot_id: None,
        replaced_volume_id: stage.named("VolumeId"),
        deletes_replaced: false,
        started_at: stage.cx.now,
        tags: vec![service::tags::Tag::new("team", "red")],
    };
    stage.name("TaskId", task.id.as_str());
    let mut tx = Tx::on(stage.world.clone());
    tx.put(ec2::image::create::new(&stage.cx, facts, Vec::new()));
    tx.put(task);
    stage.world = World::clone(&tx);
    tag(stage, id);
    stage.name("OwnImageId", id);
    let report = [("ImageId", id), ("ResourceType.1.ResourceType", "ec2:Instance")];
    let report = text(&stage.ec2("CreateImageUsageReport", &report), "reportId");
    tag(stage, &report);
    stage.name("ReportId", report);
}

/// The image of a disk in a bucket, the role that reads it, and tasks that import it.
pub fn imports(stage: &mut Stage) {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"vmie.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::disks/*"}]}"#;
    stage.iam("CreateRole", &[("RoleName", "vmimport"), ("AssumeRolePolicyDocument", trust)]);
    stage.iam("PutRolePolicy", &[("RoleName", "vmimport"), ("PolicyName", "disks"), ("PolicyDocument", policy)]);
    let mut tx = Tx::on(stage.world.clone());
    let (empty, key) = (serde_json::Value::Null, "server.raw".to_owned());
    tx.put(ec2::s3_file::S3File::json(&stage.cx, "disks", key, &empty));
    stage.world = World::clone(&tx);
    let disk = [("DiskContainer.UserBucket.S3Bucket", "disks"), ("DiskContainer.UserBucket.S3Key", "server.raw")];
    let task = text(&stage.ec2("ImportSnapshot", &disk), "importTaskId");
    tag(stage, &task);
    stage.name("ImportTaskId", task);
    let disk = [("DiskContainer.1.UserBucket.S3Bucket", "disks"), ("DiskContainer.1.UserBucket.S3Key", "server.raw")];
    let task = text(&stage.ec2("ImportImage", &disk), "importTaskId");
    tag(stage, &task);
    stage.name("ImageImportTaskId", task);
    declarative_report(stage);
    exports(stage);
}

/// An account status report. It is put there as it is, since starting one takes an organization.
fn declarative_report(stage: &mut Stage) {
    let id = "dpr-0123456789abcdef0".to_owned();
    let mut tx = Tx::on(stage.world.clone());
    tx.put(ec2::declarative_report::DeclarativeReport {
        account: stage.cx.account(),
        region: stage.cx.region_name().to_owned(),
        id: id.clone(),
        bucket: "reports".to_owned(),
        prefix: None,
        target: "r-ab12".to_owned(),
        started_at: stage.cx.now,
        ends_at: stage.cx.now,
        state: ec2::declarative_report::State::Running,
        tags: Vec::new(),
    });
    stage.world = World::clone(&tx);
    tag(stage, &id);
    stage.name("DeclarativeReportId", id);
}

/// Tasks that export an image and an instance, an image of an FPGA, and an export of Capacity Manager's data.
fn exports(stage: &mut Stage) {
    let image = stage.named("OwnImageId");
    // Until the image and its snapshot are there.
    stage.wait();
    let place = [("DiskImageFormat", "VMDK"), ("S3ExportLocation.S3Bucket", "disks"), ("ImageId", image.as_str())];
    let task = text(&stage.ec2("ExportImage", &place), "exportImageTaskId");
    tag(stage, &task);
    stage.name("ExportTaskId", task);
    instance_export(stage);
    let design = [("InputStorageLocation.Bucket", "disks"), ("InputStorageLocation.Key", "server.raw")];
    let design = text(&stage.ec2("CreateFpgaImage", &design), "fpgaImageId");
    tag(stage, &design);
    stage.name("FpgaImageId", design);
    stage.ec2("EnableCapacityManager", &[]);
    let hours = [("S3BucketName", "capacity"), ("Schedule", "hourly"), ("OutputFormat", "csv")];
    let hours = text(&stage.ec2("CreateCapacityManagerDataExport", &hours), "capacityManagerDataExportId");
    tag(stage, &hours);
    stage.name("CapacityManagerDataExportId", hours);
}

/// The samples' instance is of a public image, which CreateInstanceExportTask refuses.
fn instance_export(stage: &mut Stage) {
    let id = "export-i-0123456789abcdef0";
    let task = ec2::export::ExportInstanceTask {
        account: stage.cx.account(),
        region: stage.cx.region_name().to_owned(),
        id: id.to_owned(),
        description: None,
        instance_id: stage.named("InstanceId"),
        environment: "vmware".to_owned(),
        format: "vmdk".to_owned(),
        container: None,
        place: ec2::export::Place { bucket: "disks".to_owned(), prefix: None },
        gibibytes: 8,
        run: ec2::import::Run::begin(&stage.cx, 8),
        tags: Vec::new(),
    };
    let mut tx = Tx::on(stage.world.clone());
    tx.put(task);
    stage.world = World::clone(&tx);
    tag(stage, id);
    stage.name("InstanceExportTaskId", id);
}

/// A block of IPv6 addresses in a subnet, a reservation in it, an exclusion, a pool, an encryption control, and an address that another account offers.
pub fn ipv6(stage: &mut Stage) {
    let (vpc, subnet) = (stage.named("VpcId"), stage.named("SubnetId"));
    stage.ec2("AssociateVpcCidrBlock", &[("VpcId", vpc.as_str()), ("AmazonProvidedIpv6CidrBlock", "true")]);
    let held = stage.world.get::<ec2::network::vpc::Vpc>(&["123456789012", "us-east-1", &vpc]).unwrap();
    let block = held.ipv6_blocks[0].cidr.to_string().replace("/56", "/64");
    let made = stage.ec2("AssociateSubnetCidrBlock", &[("SubnetId", subnet.as_str()), ("Ipv6CidrBlock", &block)]);
    stage.name("SubnetCidrAssociationId", text(&made, "associationId"));
    let cidr =
        text(&stage.ec2("DescribeSubnets", &[("SubnetId.1", subnet.as_str())]), "cidrBlock").replace("/20", "/28");
    let reserved = [("SubnetId", subnet.as_str()), ("Cidr", &cidr), ("ReservationType", "prefix")];
    let excluded = [("VpcId", vpc.as_str()), ("InternetGatewayExclusionMode", "allow-egress")];
    for (operation, parameters, element, member) in [
        ("CreateSubnetCidrReservation", reserved.as_slice(), "subnetCidrReservationId", "SubnetCidrReservationId"),
        ("CreateVpcBlockPublicAccessExclusion", &excluded, "exclusionId", "ExclusionId"),
        ("CreatePublicIpv4Pool", &[], "poolId", "PoolId"),
        ("CreateVpcEncryptionControl", &[("VpcId", vpc.as_str())], "vpcEncryptionControlId", "VpcEncryptionControlId"),
    ] {
        let id = text(&stage.ec2(operation, parameters), element);
        tag(stage, &id);
        stage.name(member, id);
    }
    let mut tx = Tx::on(stage.world.clone());
    tx.put(ec2::network::elastic_ip::transfer::Transfer {
        account: "210987654321".parse().unwrap(),
        region: "us-east-1".to_owned(),
        id: "eipalloc-0123456789abcdef0".to_owned(),
        public_ip: [3, 4, 5, 6].into(),
        to: stage.cx.account(),
        offered_at: stage.cx.now,
        accepted_at: None,
    });
    stage.world = World::clone(&tx);
}
