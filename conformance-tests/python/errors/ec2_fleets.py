"""Fleets and capacity reservations: what EC2 refuses."""

from conftest import image


def before(server):
    ec2 = server.client("ec2")
    ec2.create_launch_template(LaunchTemplateName="fleet", LaunchTemplateData={"ImageId": image(ec2), "InstanceType": "m5.large"})


F, C, T = "fleet-01234567-89ab-cdef-0123-456789abcdef", "cr-0123456789abcdef0", "lt-0123456789abcdef0"
NO_FLEET = (400, "InvalidFleetId.NotFound", f"The fleet ID '{F}' does not exist")
BAD_FLEET = (400, "InvalidFleetId.Malformed", "The fleet ID 'fleet-1' is malformed")
NO_RESERVATION = (400, "InvalidCapacityReservationId.NotFound", f"The Capacity Reservation ID '{C}' does not exist")
BAD_RESERVATION = (400, "InvalidCapacityReservationId.Malformed", 'Invalid id: "cr-1" (expecting "cr-...")')
INVALID, COMBINED, MISSING = (400, "InvalidParameterValue"), (400, "InvalidParameterCombination"), (400, "MissingParameter")
TOTAL = {"TargetCapacitySpecification": {"TotalTargetCapacity": 1}}
TEMPLATE = {"LaunchTemplateName": "fleet", "Version": "1"}
ANY_TYPE = {"InstanceRequirements": {"VCpuCount": {"Min": 1}, "MemoryMiB": {"Min": 1}, "OnDemandMaxPricePercentageOverLowestPrice": 999_999}}
# Not recorded.
TOO_MANY = "The launch specifications match more instance types than the maximum of 3000."
SPREAD = [{"LaunchTemplateSpecification": TEMPLATE, "Overrides": [ANY_TYPE] * 50}]


def fleet(template=None, **more):
    return ("ec2", "CreateFleet", {"LaunchTemplateConfigs": [{"LaunchTemplateSpecification": template or TEMPLATE}], **TOTAL, **more})


def reserve(**more):
    plain = {"InstanceType": "m5.large", "InstancePlatform": "Linux/UNIX", "AvailabilityZone": "us-east-1a", "InstanceCount": 1}
    return ("ec2", "CreateCapacityReservation", {name: value for name, value in {**plain, **more}.items() if value is not None})


CASES = [
    (*fleet({"LaunchTemplateId": T, "Version": "1"}), 400, "InvalidLaunchTemplateId.NotFound",
     f"The specified launch template, with template ID {T}, does not exist."),
    (*fleet({"LaunchTemplateName": "none", "Version": "1"}), 400, "InvalidLaunchTemplateName.NotFoundException",
     "The specified launch template, with template name none, does not exist."),
    (*fleet({"LaunchTemplateName": "fleet"}), *MISSING, "The request must contain the parameter LaunchTemplateSpecification.Version"),
    (*fleet({"Version": "1"}), *MISSING, "The request must contain the parameter launchTemplateId or launchTemplateName"),
    (*fleet({"LaunchTemplateName": "fleet", "LaunchTemplateId": T, "Version": "1"}), *COMBINED,
     "Either provide launch template ID or launch template name to modify the template."),
    (*fleet(TargetCapacitySpecification={"TotalTargetCapacity": 1, "OnDemandTargetCapacity": 1, "SpotTargetCapacity": 1}), *INVALID,
     "The total target capacity 1 must be at least the sum of the On-Demand and Spot target capacities (1 and 1)."),
    (*fleet(TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]), *INVALID,
     "'vpc' is not a valid taggable resource type for this operation."),
    ("ec2", "CreateFleet", {"LaunchTemplateConfigs": SPREAD, **TOTAL}, *INVALID, TOO_MANY),
    ("ec2", "ModifyFleet", {"FleetId": F, "LaunchTemplateConfigs": SPREAD}, *INVALID, TOO_MANY),
    ("ec2", "ModifyFleet", {"FleetId": F, "LaunchTemplateConfigs": [{"LaunchTemplateSpecification": TEMPLATE, "Overrides": [{"InstanceType": "m5.large"}] * 301}]}, *INVALID,
     "The number of launch specifications 301 exceeds the maximum of 300."),
    ("ec2", "DescribeFleets", {"FleetIds": [F]}, *NO_FLEET),
    ("ec2", "DescribeFleets", {"FleetIds": ["fleet-1"]}, *BAD_FLEET),
    ("ec2", "DescribeFleets", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *INVALID, "The filter 'colour' is invalid"),
    ("ec2", "DescribeFleetInstances", {"FleetId": F}, *NO_FLEET),
    ("ec2", "DescribeFleetInstances", {"FleetId": "fleet-1"}, *BAD_FLEET),
    ("ec2", "DescribeFleetHistory", {"FleetId": F, "StartTime": "2026-01-01T00:00:00Z"}, *NO_FLEET),
    ("ec2", "ModifyFleet", {"FleetId": F, **TOTAL}, *NO_FLEET),
    ("ec2", "ModifyFleet", {"FleetId": "fleet-1", **TOTAL}, *BAD_FLEET),
    (*reserve(InstanceCount=0), *INVALID, "Value (0) for parameter instanceCount is invalid. Valid values are between 1 and 1000."),
    (*reserve(AvailabilityZone=None), *MISSING, "The request must contain the parameter availabilityZone"),
    (*reserve(AvailabilityZone="us-east-1z"), *INVALID, "Invalid availability zone: [us-east-1z]"),
    (*reserve(AvailabilityZoneId="use1-az6"), *COMBINED, "The parameters availabilityZone and availabilityZoneId cannot be used together"),
    (*reserve(InstanceType="m5.tiny"), *INVALID, "Invalid value 'm5.tiny' for InstanceType."),
    (*reserve(EndDateType="limited"), *COMBINED, "You must provide an EndDate value if EndDateType is limited."),
    (*reserve(EndDate="2030-01-01T00:00:00Z"), *COMBINED, "Do not provide an EndDate value if EndDateType is unlimited."),
    (*reserve(EndDateType="limited", EndDate="2020-01-01T00:00:00Z"), *INVALID,
     "Value (2020-01-01T00:00:00Z) for parameter endDate is invalid. The end date must be in the future."),
    (*reserve(PlacementGroupArn="arn:aws:ec2:us-east-1:000000000000:placement-group/none"), 400, "InvalidPlacementGroup.Unknown",
     "The Placement Group 'none' is unknown."),
    ("ec2", "DescribeCapacityReservations", {"CapacityReservationIds": [C]}, *NO_RESERVATION),
    ("ec2", "DescribeCapacityReservations", {"CapacityReservationIds": ["cr-1"]}, *BAD_RESERVATION),
    ("ec2", "DescribeCapacityReservations", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *INVALID, "The filter 'colour' is invalid"),
    ("ec2", "GetCapacityReservationUsage", {"CapacityReservationId": C}, *NO_RESERVATION),
    ("ec2", "GetGroupsForCapacityReservation", {"CapacityReservationId": C}, *NO_RESERVATION),
    ("ec2", "ModifyCapacityReservation", {"CapacityReservationId": C, "InstanceCount": 1}, *NO_RESERVATION),
    ("ec2", "CancelCapacityReservation", {"CapacityReservationId": C}, *NO_RESERVATION),
    ("ec2", "CancelCapacityReservation", {"CapacityReservationId": "cr-1"}, *BAD_RESERVATION),
]
