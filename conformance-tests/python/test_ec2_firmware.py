"""What an instance's firmware and screen tell, how likely Spot capacity is, launches by what a type must have, and who may not."""

import base64

import pytest

from conftest import allow, error_of, image, launch, make_user, register

AT_LEAST = {"VCpuCount": {"Min": 2, "Max": 4}, "MemoryMiB": {"Min": 4096, "Max": 16384}}


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def with_firmware(server, ec2, name, **more):
    """An instance of an image that is registered so."""
    instance = launch(ec2, ImageId=register(server, ec2, name, **more), InstanceType="m5.large")
    server.advance("1m")
    return instance


def test_uefi_variables(server, ec2):
    variables = base64.b64encode(b"AMZNUEFI sample").decode()
    held = with_firmware(server, ec2, "uefi", BootMode="uefi", UefiData=variables)
    assert ec2.get_instance_uefi_data(InstanceId=held) | {"ResponseMetadata": 0} == {"InstanceId": held, "UefiData": variables, "ResponseMetadata": 0}
    copied = ec2.create_image(InstanceId=held, Name="copy")["ImageId"]
    assert ec2.describe_image_attribute(ImageId=copied, Attribute="uefiData")["UefiData"]["Value"] == variables
    plain = with_firmware(server, ec2, "plain", BootMode="uefi")
    assert base64.b64decode(ec2.get_instance_uefi_data(InstanceId=plain)["UefiData"]).startswith(b"AMZNUEFI")
    legacy = with_firmware(server, ec2, "legacy", BootMode="legacy-bios")
    assert error_of(ec2.get_instance_uefi_data, InstanceId=legacy)[:2] == (
        "UnsupportedOperation", f"The instance '{legacy}' does not boot in the UEFI boot mode.")


def test_endorsement_keys(server, ec2):
    held = with_firmware(server, ec2, "tpm", BootMode="uefi", TpmSupport="v2.0")
    get = lambda kind, form="der", instance=held: base64.b64decode(
        ec2.get_instance_tpm_ek_pub(InstanceId=instance, KeyType=kind, KeyFormat=form)["KeyValue"])
    rsa, curve = get("rsa-2048"), get("ecc-sec-p384")
    assert (get("rsa-2048"), get("ecc-sec-p384")) == (rsa, curve), "they stay the same"
    assert (len(rsa), len(curve)) == (294, 120)
    area = get("rsa-2048", "tpmt")
    assert area[:4] == bytes.fromhex("0001000b") and area[-256:] in rsa
    point = get("ecc-sec-p384", "tpmt")
    assert point[:4] == bytes.fromhex("0023000c") and point[-48:] == curve[-48:] and point[-98:-50] == curve[-96:-48]
    none = launch(ec2)
    assert error_of(ec2.get_instance_tpm_ek_pub, InstanceId=none, KeyType="rsa-2048", KeyFormat="der")[:2] == (
        "UnsupportedOperation", f"The instance '{none}' is not enabled for NitroTPM.")


def test_a_screen(server, ec2):
    held = launch(ec2)
    assert error_of(ec2.get_console_screenshot, InstanceId=held)[:2] == ("IncorrectInstanceState", f"The instance '{held}' is not in the 'running' state.")
    server.advance("1m")
    shown = ec2.get_console_screenshot(InstanceId=held, WakeUp=True)["ImageData"]
    picture = base64.b64decode(shown)
    assert picture[:3] == b"\xff\xd8\xff" and picture[-2:] == b"\xff\xd9"
    ec2.send_diagnostic_interrupt(InstanceId=held)
    assert ec2.get_console_screenshot(InstanceId=held)["ImageData"] != shown, "the interrupt is on the console"


def test_placement_scores(ec2):
    ask = lambda **more: ec2.get_spot_placement_scores(**{"TargetCapacity": 10, "InstanceTypes": ["m5.large", "m5.xlarge", "c5.large", "r5.large"], **more})["SpotPlacementScores"]
    scores = ask()
    assert scores == ask() and len(scores) == 10 and all("AvailabilityZoneId" not in one for one in scores)
    assert [one["Score"] for one in scores] == sorted((one["Score"] for one in scores), reverse=True)
    assert all(one["Score"] <= 3 for one in ask(InstanceTypes=["m5.large"])), "one type is never likely"
    assert max(one["Score"] for one in ask(TargetCapacity=1_000_000)) < scores[0]["Score"]
    zones = ask(SingleAvailabilityZone=True, RegionNames=["us-east-1"])
    assert {one["Region"] for one in zones} == {"us-east-1"} and all(one["AvailabilityZoneId"].startswith("use1-az") for one in zones)
    wanted = {"ArchitectureTypes": ["x86_64"], "VirtualizationTypes": ["hvm"], "InstanceRequirements": AT_LEAST}
    assert ec2.get_spot_placement_scores(TargetCapacity=1, InstanceRequirementsWithMetadata=wanted, RegionNames=["eu-west-1"])["SpotPlacementScores"][0]["Region"] == "eu-west-1"
    assert error_of(ec2.get_spot_placement_scores, TargetCapacity=1)[0] == "MissingParameter"
    assert error_of(ec2.get_spot_placement_scores, TargetCapacity=1, InstanceTypes=["x9.none"])[0] == "InvalidInstanceType"


def template(ec2, name, **data):
    return ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": image(ec2), **data})["LaunchTemplate"]["LaunchTemplateId"]


def types_of(ec2, instances):
    found = ec2.describe_instances(InstanceIds=instances)["Reservations"]
    return {one["InstanceType"] for held in found for one in held["Instances"]}


def test_fleets_by_requirements(ec2):
    held = template(ec2, "required")
    wanted = lambda over, unit=None, total=1, kind="instant": ec2.create_fleet(
        Type=kind, LaunchTemplateConfigs=[{"LaunchTemplateSpecification": {"LaunchTemplateId": held, "Version": "1"}, "Overrides": [over]}],
        TargetCapacitySpecification={"TotalTargetCapacity": total, "DefaultTargetCapacityType": "on-demand", **({"TargetCapacityUnitType": unit} if unit else {})})
    made = wanted({"InstanceRequirements": AT_LEAST})
    meeting = {one["InstanceType"] for page in ec2.get_paginator("get_instance_types_from_instance_requirements").paginate(
        ArchitectureTypes=["x86_64"], VirtualizationTypes=["hvm"], InstanceRequirements=AT_LEAST) for one in page["InstanceTypes"]}
    assert made["Instances"][0]["InstanceType"] in meeting
    shown = made["Instances"][0]["LaunchTemplateAndOverrides"]["Overrides"]["InstanceRequirements"]
    assert shown["VCpuCount"] == AT_LEAST["VCpuCount"]
    by_vcpu = wanted({"InstanceRequirements": {**AT_LEAST, "VCpuCount": {"Min": 4, "Max": 4}}}, "vcpu", 8)
    assert sum(len(one["InstanceIds"]) for one in by_vcpu["Instances"]) == 2, "four vCPUs each"
    only = wanted({"InstanceRequirements": {**AT_LEAST, "AllowedInstanceTypes": ["m6i.*"]}})
    assert types_of(ec2, only["Instances"][0]["InstanceIds"]) == {"m6i.large"}
    assert error_of(wanted, over={"InstanceRequirements": {"VCpuCount": {"Min": 100_000}, "MemoryMiB": {"Min": 0}}})[0] == "InvalidParameterValue"
    assert error_of(wanted, over={"InstanceType": "m5.large", "InstanceRequirements": AT_LEAST})[0] == "InvalidParameterCombination"
    in_template = template(ec2, "in-template", InstanceRequirements={**AT_LEAST, "AllowedInstanceTypes": ["c6i.*"]})
    fleet = ec2.create_fleet(Type="instant", TargetCapacitySpecification={"TotalTargetCapacity": 1, "DefaultTargetCapacityType": "spot"}, LaunchTemplateConfigs=[
        {"LaunchTemplateSpecification": {"LaunchTemplateId": in_template, "Version": "1"}}])
    assert types_of(ec2, fleet["Instances"][0]["InstanceIds"]) == {"c6i.large"} or fleet["Instances"][0]["InstanceType"].startswith("c6i.")


def test_a_spot_fleet_by_requirements(server, ec2):
    from conftest import trust

    role = server.client("iam").create_role(RoleName="spot", AssumeRolePolicyDocument=trust("spotfleet.amazonaws.com"))["Role"]["Arn"]
    config = {"IamFleetRole": role, "TargetCapacity": 1, "LaunchTemplateConfigs": [{
        "LaunchTemplateSpecification": {"LaunchTemplateId": template(ec2, "spot-required"), "Version": "1"},
        "Overrides": [{"InstanceRequirements": {**AT_LEAST, "AllowedInstanceTypes": ["r5.*"]}}]}]}
    made = ec2.request_spot_fleet(SpotFleetRequestConfig=config)["SpotFleetRequestId"]
    [held] = ec2.describe_spot_fleet_instances(SpotFleetRequestId=made)["ActiveInstances"]
    assert held["InstanceType"] == "r5.large"


def test_who_may_not(server, ec2):
    held = launch(ec2)
    iam = server.client("iam")
    calls = [("get_instance_uefi_data", {"InstanceId": held}), ("get_instance_tpm_ek_pub", {"InstanceId": held, "KeyType": "rsa-2048", "KeyFormat": "der"}),
             ("get_console_screenshot", {"InstanceId": held}), ("get_spot_placement_scores", {"TargetCapacity": 1, "InstanceTypes": ["m5.large"]})]
    elsewhere = server.client("ec2", make_user(iam, "elsewhere", allow("ec2:*", "arn:aws:ec2:*:*:instance/i-0123456789abcdef0")))
    large = server.client("ec2", make_user(iam, "large", allow("ec2:*", Condition={"StringEquals": {"ec2:InstanceType": "m5.large"}})))
    for user in (elsewhere, large):
        for name, arguments in calls:
            assert error_of(getattr(user, name), **arguments)[0] == "UnauthorizedOperation", name
    required = [{"LaunchTemplateSpecification": {"LaunchTemplateId": template(ec2, "denied"), "Version": "1"},
                 "Overrides": [{"InstanceRequirements": {**AT_LEAST, "AllowedInstanceTypes": ["m5.large", "c5.large"]}}]}]
    launcher = server.client("ec2", make_user(iam, "launcher", allow("ec2:*"), {
        "Effect": "Deny", "Action": "ec2:*", "Resource": "arn:aws:ec2:*:*:instance/*", "Condition": {"StringEquals": {"ec2:InstanceType": "c5.large"}}}))
    target = {"TotalTargetCapacity": 1, "DefaultTargetCapacityType": "on-demand"}
    assert error_of(launcher.create_fleet, Type="instant", LaunchTemplateConfigs=required, TargetCapacitySpecification=target)[0] == "UnauthorizedOperation"
    server.advance("1m")
    assert error_of(ec2.get_console_screenshot, InstanceId=held, DryRun=True)[0] == "DryRunOperation"
