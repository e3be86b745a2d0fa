"""Waiters of EC2: each one whose operation is built succeeds after what it waits for was begun, through boto3 and through the CLI.

`BEGUN` says for each waiter of botocore's model how that is begun. With states that last as long as on AWS, the clock moves on by fifteen seconds with
each question, as it does for a client that waits in earnest: there a waiter has to ask more than once.
"""

import concurrent.futures
import functools
import itertools
import os

import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import WaiterError

from built import is_built
from conftest import CONFIG, Server, image, launch, make_import_role, put_disk
from test_cli import Shell

ZONE = "us-east-1a"
#: botocore waits 15 seconds between two questions; here a transition lasts one.
SOON = {"Delay": 0.3, "MaxAttempts": 60}
#: What is there, or in its state, from the first question on.
AT_ONCE = {"image_exists", "instance_exists", "internet_gateway_exists", "key_pair_exists", "security_group_exists", "subnet_available", "vpc_exists",
           "vpc_peering_connection_exists", "volume_deleted", "volume_in_use"}


def serve(folder, states):
    running = Server(folder, "--states", states).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    yield from serve(tmp_path_factory.mktemp("quick"), "quick")


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    """A stage whose states last as long as on AWS."""
    for running in serve(tmp_path_factory.mktemp("slow"), "aws"):
        yield Stage(running)


class Stage:
    """Begins things; what they need is made when it is first asked for."""

    def __init__(self, server):
        self.server, self.ec2, self.numbers = server, server.client("ec2"), itertools.count()

    def name(self):
        return f"waited-{next(self.numbers)}"

    def settle(self):
        self.server.advance("20m")

    def wait(self, waiter, config=SOON, told=lambda: None, **arguments):
        """Waits, and how often that asked; `told` is called after each question."""
        asked = []
        count = lambda **_: asked.append(told())
        self.ec2.meta.events.register("after-call", count)
        try:
            self.ec2.get_waiter(waiter).wait(**arguments, WaiterConfig=config)
        finally:
            self.ec2.meta.events.unregister("after-call", count)
        return len(asked)

    def launch(self, **more):
        return launch(self.ec2, Placement={"AvailabilityZone": ZONE}, **more)

    def running(self, **more):
        made = self.launch(**more)
        self.settle()
        return made

    def new_volume(self):
        return self.ec2.create_volume(AvailabilityZone=ZONE, Size=1)["VolumeId"]

    @functools.cached_property
    def volume(self):
        made = self.new_volume()
        self.settle()
        return made

    def new_snapshot(self):
        return self.ec2.create_snapshot(VolumeId=self.volume)["SnapshotId"]

    def new_vpc(self, block="10.0.0.0/16"):
        return self.ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"]

    @functools.cached_property
    def vpc(self):
        return self.new_vpc()

    @functools.cached_property
    def subnet(self):
        return self.ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.0.1.0/24", AvailabilityZone=ZONE)["Subnet"]["SubnetId"]

    def new_nat_gateway(self):
        return self.ec2.create_nat_gateway(SubnetId=self.subnet, ConnectivityType="private")["NatGateway"]["NatGatewayId"]

    def new_group(self):
        return self.ec2.create_security_group(GroupName=self.name(), Description="waited", VpcId=self.vpc)["GroupId"]

    def new_peering(self):
        peer = self.new_vpc("10.9.0.0/16")
        return self.ec2.create_vpc_peering_connection(VpcId=self.vpc, PeerVpcId=peer)["VpcPeeringConnection"]["VpcPeeringConnectionId"]

    def new_spot_request(self, **more):
        specification = {"ImageId": image(self.ec2), "InstanceType": "t3.micro"}
        return self.ec2.request_spot_instances(LaunchSpecification=specification, **more)["SpotInstanceRequests"][0]["SpotInstanceRequestId"]


@pytest.fixture(scope="module")
def stage(server):
    return Stage(server)


BEGUN = {}


def begun(function):
    """Notes how the waiter of that name is begun; the function's answer is what the waiter is told."""
    BEGUN[function.__name__] = function
    return function


@begun
def customer_gateway_available(stage):
    made = stage.ec2.create_customer_gateway(Type="ipsec.1", BgpAsn=65000, IpAddress=f"203.0.113.{next(stage.numbers) + 1}")
    return {"CustomerGatewayIds": [made["CustomerGateway"]["CustomerGatewayId"]]}


@begun
def image_available(stage):
    return {"ImageIds": [stage.ec2.create_image(InstanceId=stage.running(), Name=stage.name(), NoReboot=True)["ImageId"]]}


BEGUN["image_exists"] = image_available


@begun
def instance_exists(stage):
    return {"InstanceIds": [stage.launch()]}


BEGUN["instance_running"] = BEGUN["instance_status_ok"] = BEGUN["system_status_ok"] = instance_exists


@begun
def instance_stopped(stage):
    made = stage.running()
    stage.ec2.stop_instances(InstanceIds=[made])
    return {"InstanceIds": [made]}


@begun
def instance_terminated(stage):
    made = stage.running()
    stage.ec2.terminate_instances(InstanceIds=[made])
    return {"InstanceIds": [made]}


@begun
def internet_gateway_exists(stage):
    return {"InternetGatewayIds": [stage.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]]}


@begun
def key_pair_exists(stage):
    return {"KeyNames": [stage.ec2.create_key_pair(KeyName=stage.name())["KeyName"]]}


@begun
def nat_gateway_available(stage):
    return {"NatGatewayIds": [stage.new_nat_gateway()]}


@begun
def nat_gateway_deleted(stage):
    made = stage.new_nat_gateway()
    stage.settle()
    stage.ec2.delete_nat_gateway(NatGatewayId=made)
    return {"NatGatewayIds": [made]}


@begun
def network_interface_available(stage):
    """After it is detached."""
    instance = stage.running()
    subnet = stage.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["SubnetId"]
    made = stage.ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    stage.settle()
    attachment = stage.ec2.attach_network_interface(InstanceId=instance, NetworkInterfaceId=made, DeviceIndex=1)["AttachmentId"]
    stage.settle()
    stage.ec2.detach_network_interface(AttachmentId=attachment)
    return {"NetworkInterfaceIds": [made]}


@begun
def password_data_available(stage):
    key = stage.ec2.create_key_pair(KeyName=stage.name())["KeyName"]
    windows = stage.ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "platform", "Values": ["windows"]}])["Images"][0]["ImageId"]
    return {"InstanceId": stage.launch(ImageId=windows, KeyName=key, InstanceType="t3.large")}


def new_secondary_network(stage):
    return stage.ec2.create_secondary_network(Ipv4CidrBlock="10.0.0.0/16", NetworkType="rdma")["SecondaryNetwork"]["SecondaryNetworkId"]


def new_secondary_subnet(stage):
    network = new_secondary_network(stage)
    stage.settle()
    return stage.ec2.create_secondary_subnet(SecondaryNetworkId=network, Ipv4CidrBlock="10.0.0.0/24")["SecondarySubnet"]["SecondarySubnetId"]


@begun
def secondary_network_create_complete(stage):
    return {"SecondaryNetworkIds": [new_secondary_network(stage)]}


@begun
def secondary_network_delete_complete(stage):
    made = new_secondary_network(stage)
    stage.settle()
    stage.ec2.delete_secondary_network(SecondaryNetworkId=made)
    return {"SecondaryNetworkIds": [made]}


@begun
def secondary_subnet_create_complete(stage):
    return {"SecondarySubnetIds": [new_secondary_subnet(stage)]}


@begun
def secondary_subnet_delete_complete(stage):
    made = new_secondary_subnet(stage)
    stage.settle()
    stage.ec2.delete_secondary_subnet(SecondarySubnetId=made)
    return {"SecondarySubnetIds": [made]}


@begun
def security_group_exists(stage):
    return {"GroupIds": [stage.new_group()]}


def associated(stage):
    group, further = stage.new_group(), stage.new_vpc()
    stage.ec2.associate_security_group_vpc(GroupId=group, VpcId=further)
    return group, further, {"Filters": [{"Name": "group-id", "Values": [group]}]}


@begun
def security_group_vpc_association_associated(stage):
    return associated(stage)[2]


@begun
def security_group_vpc_association_disassociated(stage):
    group, further, question = associated(stage)
    stage.settle()
    stage.ec2.disassociate_security_group_vpc(GroupId=group, VpcId=further)
    return question


@begun
def snapshot_completed(stage):
    return {"SnapshotIds": [stage.new_snapshot()]}


@begun
def spot_instance_request_fulfilled(stage):
    return {"SpotInstanceRequestIds": [stage.new_spot_request()]}


@begun
def store_image_task_complete(stage):
    [made] = image_available(stage)["ImageIds"]
    stage.settle()
    stage.ec2.create_store_image_task(ImageId=made, Bucket=stage.name())
    return {"ImageIds": [made]}


def begin_export(stage):
    source = launch(stage.ec2)
    stage.settle()
    own = stage.ec2.create_image(InstanceId=source, Name=stage.name())["ImageId"]
    stage.settle()
    instance = launch(stage.ec2, ImageId=own)
    stage.settle()
    return stage.ec2.create_instance_export_task(InstanceId=instance, TargetEnvironment="vmware", ExportToS3Task={"S3Bucket": "disks"})["ExportTask"]["ExportTaskId"]


def begin_conversion(stage):
    put_disk(stage.server, "manifest.xml", "1KiB")
    image = {"Format": "RAW", "Bytes": 1 << 30, "ImportManifestUrl": "s3://disks/manifest.xml"}
    return stage.ec2.import_volume(AvailabilityZone=ZONE, Image=image, Volume={"Size": 1})["ConversionTask"]["ConversionTaskId"]


@begun
def conversion_task_cancelled(stage):
    id = begin_conversion(stage)
    stage.ec2.cancel_conversion_task(ConversionTaskId=id)
    return {"ConversionTaskIds": [id]}


@begun
def conversion_task_completed(stage):
    return {"ConversionTaskIds": [begin_conversion(stage)]}


@begun
def export_task_cancelled(stage):
    id = begin_export(stage)
    stage.ec2.cancel_export_task(ExportTaskId=id)
    return {"ExportTaskIds": [id]}


@begun
def export_task_completed(stage):
    return {"ExportTaskIds": [begin_export(stage)]}


@begun
def snapshot_imported(stage):
    make_import_role(stage.server.client("iam"))
    return {"ImportTaskIds": [stage.ec2.import_snapshot(DiskContainer={"UserBucket": put_disk(stage.server)})["ImportTaskId"]]}


@begun
def image_usage_report_available(stage):
    [made] = image_available(stage)["ImageIds"]
    report = stage.ec2.create_image_usage_report(ImageId=made, ResourceTypes=[{"ResourceType": "ec2:Instance"}])["ReportId"]
    return {"ReportIds": [report]}


@begun
def subnet_available(stage):
    return {"SubnetIds": [stage.ec2.create_subnet(VpcId=stage.new_vpc(), CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]]}


@begun
def volume_available(stage):
    return {"VolumeIds": [stage.new_volume()]}


@begun
def volume_deleted(stage):
    made = stage.new_volume()
    stage.settle()
    stage.ec2.delete_volume(VolumeId=made)
    return {"VolumeIds": [made]}


@begun
def volume_in_use(stage):
    instance, made = stage.running(), stage.new_volume()
    stage.settle()
    stage.ec2.attach_volume(InstanceId=instance, VolumeId=made, Device="/dev/sdf")
    return {"VolumeIds": [made]}


@begun
def vpc_available(stage):
    return {"VpcIds": [stage.new_vpc()]}


BEGUN["vpc_exists"] = vpc_available


@begun
def vpn_connection_available(stage):
    gateway = stage.ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    customer = stage.ec2.create_customer_gateway(Type="ipsec.1", IpAddress="203.0.113.90", BgpAsn=65010)["CustomerGateway"]["CustomerGatewayId"]
    made = stage.ec2.create_vpn_connection(Type="ipsec.1", CustomerGatewayId=customer, VpnGatewayId=gateway)
    return {"VpnConnectionIds": [made["VpnConnection"]["VpnConnectionId"]]}


@begun
def vpn_connection_deleted(stage):
    made = vpn_connection_available(stage)
    stage.settle()
    stage.ec2.delete_vpn_connection(VpnConnectionId=made["VpnConnectionIds"][0])
    return made


@begun
def vpc_peering_connection_exists(stage):
    return {"VpcPeeringConnectionIds": [stage.new_peering()]}


@begun
def vpc_peering_connection_deleted(stage):
    made = stage.new_peering()
    stage.settle()
    stage.ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=made)
    return {"VpcPeeringConnectionIds": [made]}


@pytest.mark.parametrize("waiter", sorted(BEGUN))
def test_a_waiter_succeeds(stage, waiter):
    asked = stage.wait(waiter, **BEGUN[waiter](stage))
    assert asked == 1 or waiter not in AT_ONCE


@pytest.mark.parametrize("waiter", sorted(BEGUN))
def test_a_waiter_waits_as_on_aws(slow, waiter):
    asked = slow.wait(waiter, {"Delay": 0, "MaxAttempts": 40}, lambda: slow.server.advance("15s"), **BEGUN[waiter](slow))
    assert asked == 1 if waiter in AT_ONCE else asked > 1


#: What these wait for never comes: AWS has given bundling up, and its reference knows no deleted conversion.
NEVER = {"bundle_task_complete", "conversion_task_deleted"}


def test_no_waiter_is_forgotten(server, stage):
    """A waiter is begun above, or what it asks answers 501, or what it waits for never comes."""
    bare = server.client("ec2", config=CONFIG.merge(Config(parameter_validation=False)))
    operation = lambda waiter: stage.ec2.get_waiter(waiter).config.operation
    forgotten = [waiter for waiter in set(stage.ec2.waiter_names) - set(BEGUN) - NEVER if is_built(bare, operation(waiter))]
    assert forgotten == []


def fails(stage, waiter, **arguments):
    with pytest.raises(WaiterError) as failed:
        stage.wait(waiter, **arguments)
    return str(failed.value)


def test_waiters_give_up_on_what_cannot_come(stage):
    terminated = instance_terminated(stage)
    assert '"terminated"' in fails(stage, "instance_stopped", **terminated)
    stage.settle()
    assert '"terminated"' in fails(stage, "instance_running", **terminated)
    lost = stage.new_vpc("10.8.0.0/16")
    subnet = stage.ec2.create_subnet(VpcId=lost, CidrBlock="10.8.1.0/24")["Subnet"]["SubnetId"]
    allocation = stage.ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = stage.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=allocation)["NatGateway"]["NatGatewayId"]
    assert '"failed"' in fails(stage, "nat_gateway_available", NatGatewayIds=[gateway])
    request = stage.new_spot_request(SpotPrice="0.001")
    stage.ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[request])
    assert "canceled-before-fulfillment" in fails(stage, "spot_instance_request_fulfilled", SpotInstanceRequestIds=[request])


def test_a_deleted_fleet_comes_to_its_end(stage):
    """No waiter of the model asks for it, but Terraform does. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/EC2-fleet-states.html"""
    template = stage.ec2.create_launch_template(LaunchTemplateName=stage.name(), LaunchTemplateData={
        "ImageId": image(stage.ec2), "InstanceType": "t3.micro"})["LaunchTemplate"]["LaunchTemplateId"]
    configs = [{"LaunchTemplateSpecification": {"LaunchTemplateId": template, "Version": "1"}}]
    fleet = stage.ec2.create_fleet(LaunchTemplateConfigs=configs, TargetCapacitySpecification={
        "TotalTargetCapacity": 2, "DefaultTargetCapacityType": "on-demand"})["FleetId"]
    stage.settle()
    stage.ec2.delete_fleets(FleetIds=[fleet], TerminateInstances=True)
    stage.settle()
    found = stage.ec2.describe_fleets(FleetIds=[fleet])["Fleets"][0]
    assert (found["FleetState"], str(found["FulfilledCapacity"])) == ("deleted", "0.0")


@pytest.mark.skipif(not os.environ.get("ROLECALL_AWS_CLI"), reason="ROLECALL_AWS_CLI names no AWS CLI")
def test_the_cli_waits(server, stage):
    """`aws ec2 wait`, all at once: each asks, waits its fifteen seconds and asks again."""
    shell = Shell(server)
    waits = {waiter: BEGUN[waiter](stage) for waiter in ("instance_stopped", "nat_gateway_deleted", "volume_in_use", "instance_terminated")}
    waits |= {waiter: BEGUN[waiter](stage) for waiter in (
        "instance_running", "instance_status_ok", "system_status_ok", "volume_available", "snapshot_completed", "image_available",
        "nat_gateway_available", "spot_instance_request_fulfilled")}
    waits["volume_deleted"] = BEGUN["volume_deleted"](stage)

    def wait(waiter):
        [(parameter, ids)] = waits[waiter].items()
        option = "--" + xform_name(parameter).replace("_", "-")
        return shell.run("ec2", "wait", waiter.replace("_", "-"), option, *ids)

    with concurrent.futures.ThreadPoolExecutor(len(waits)) as pool:
        for waiter, done in zip(waits, pool.map(wait, waits)):
            assert (done.returncode, done.stdout) == (0, ""), (waiter, done.stderr)


@pytest.mark.skipif(not os.environ.get("ROLECALL_AWS_CLI"), reason="ROLECALL_AWS_CLI names no AWS CLI")
def test_the_cli_tells_that_waiting_failed(server, stage):
    done = Shell(server).run("ec2", "wait", "instance-running", "--instance-ids", *instance_terminated(stage)["InstanceIds"])
    assert done.returncode == 255 and "Waiter InstanceRunning failed" in done.stderr
