"""Launch templates and placement groups: what EC2 refuses."""

from conftest import launch


def before(server):
    ec2 = server.client("ec2")
    held = ec2.create_launch_template(LaunchTemplateName="held", ClientToken="once", LaunchTemplateData={"InstanceType": "t3.micro"})["LaunchTemplate"]
    CASES[:] = [tuple(SET_DEFAULT + held["LaunchTemplateId"] + "." if part == SET_DEFAULT else part for part in case) for case in CASES]
    for name, strategy in (("near", "cluster"), ("parts", "partition"), ("used", "spread")):
        ec2.create_placement_group(GroupName=name, Strategy=strategy)
    launch(ec2, InstanceType="m5.large", Placement={"GroupName": "used"})


T, G, I = "lt-0123456789abcdef0", "pg-0123456789abcdef0", "i-0123456789abcdef0"
DATA = {"LaunchTemplateData": {"InstanceType": "t3.micro"}}
NO_TEMPLATE = (400, "InvalidLaunchTemplateId.NotFound", f"The specified launch template, with template ID {T}, does not exist.")
BAD_TEMPLATE = (400, "InvalidLaunchTemplateId.Malformed", "The launch template ID 'lt-1' is malformed.")
NOT_ALL = (400, "InvalidLaunchTemplateId.NotFound", "At least one of the launch templates specified in the request does not exist.")
NO_DATA = (400, "MissingParameter", "No launch template data was provided. Launch template data is required to create a launch template.")
VERSIONS = "Invalid launch template version: either '$Default', '$Latest', or a numeric version are allowed."
SET_DEFAULT = "A launch template version must be specified to set the new default version for the template with ID "
NO_NAME = (400, "InvalidLaunchTemplateName.NotFoundException", "The specified launch template, with template name none, does not exist.")
BOTH = (400, "InvalidParameterCombination", "Either provide launch template ID or launch template name to modify the template.")
NEITHER = (400, "MissingParameter", "The request must contain the parameter launchTemplateId or launchTemplateName")
NAME = (400, "InvalidLaunchTemplateName.MalformedException",
        "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.")
NO_GROUP = (400, "InvalidPlacementGroup.Unknown", "The Placement Group 'none' is unknown.")
INVALID, COMBINED, MISSING = (400, "InvalidParameterValue"), (400, "InvalidParameterCombination"), (400, "MissingParameter")


def create(name, **data):
    return ("ec2", "CreateLaunchTemplate", {"LaunchTemplateName": name, "LaunchTemplateData": data or DATA["LaunchTemplateData"]})


def run(**template):
    return ("ec2", "RunInstances", {"LaunchTemplate": template, "MinCount": 1, "MaxCount": 1})


def group(**more):
    return ("ec2", "CreatePlacementGroup", {"GroupName": "new", "Strategy": "cluster", **more})



CASES = [
    (*create("held"), 400, "InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use."),
    (*create("no"), *NAME),
    (*create("with space"), *NAME),
    (*create("n" * 129), *NAME),
    (*create("new", UserData="{}"), 400, "InvalidUserData.Malformed", "Invalid BASE64 encoding of user data."),
    (*create("new", InstanceType="t3.micro", InstanceRequirements={"VCpuCount": {"Min": 1}, "MemoryMiB": {"Min": 1}}), *COMBINED,
     "The parameters InstanceType and InstanceRequirements cannot be used together"),
    ("ec2", "CreateLaunchTemplate", {"LaunchTemplateName": "new", **DATA, "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}]},
     *INVALID, "'instance' is not a valid taggable resource type for this operation."),
    ("ec2", "CreateLaunchTemplateVersion", {"LaunchTemplateId": T, **DATA}, *NO_TEMPLATE),
    ("ec2", "CreateLaunchTemplateVersion", {"LaunchTemplateId": "lt-1", **DATA}, *BAD_TEMPLATE),
    ("ec2", "CreateLaunchTemplateVersion", {"LaunchTemplateName": "none", **DATA}, *NO_NAME),
    ("ec2", "CreateLaunchTemplateVersion", {"LaunchTemplateId": T, "LaunchTemplateName": "held", **DATA}, *BOTH),
    ("ec2", "CreateLaunchTemplateVersion", DATA, *NEITHER),
    ("ec2", "CreateLaunchTemplateVersion", {"LaunchTemplateName": "held", "SourceVersion": "first", **DATA}, *INVALID,
     VERSIONS),
    ("ec2", "DescribeLaunchTemplates", {"LaunchTemplateIds": [T]}, *NOT_ALL),
    ("ec2", "DescribeLaunchTemplates", {"LaunchTemplateIds": ["oops"]}, 400, "InvalidLaunchTemplateId.Malformed",
     "The following launch template ids are malformed: oops"),
    ("ec2", "DescribeLaunchTemplateVersions", {"LaunchTemplateName": "held", "Versions": ["0"]}, *INVALID, VERSIONS),
    ("ec2", "DescribeLaunchTemplateVersions", {"LaunchTemplateName": "held", "Versions": ["1"], "MinVersion": "2"}, *COMBINED,
     "Minimum version filter is not applicable when given a list of versions."),
    ("ec2", "DeleteLaunchTemplateVersions", {"LaunchTemplateName": "held", "Versions": ["1", "x", "0"]}, *INVALID, "Invalid value for version: x"),
    (*create("new", MetadataOptions={"HttpPutResponseHopLimit": 999}), *INVALID,
     "A value of ‘999’ is not valid for http-put-response-hop-limit. Specify a value between 1 and 64, and try again."),
    (*create("new", ImageId="nonsense", UserData="{}"), 400, "InvalidAMIID.Malformed",
     "The image ID 'nonsense' is not valid. The expected format is ami-xxxxxxxx or ami-xxxxxxxxxxxxxxxxx."),
    ("ec2", "CreateLaunchTemplate", {"LaunchTemplateName": "new", "LaunchTemplateData": {}}, *NO_DATA),
    ("ec2", "CreateLaunchTemplateVersion", {"LaunchTemplateName": "held", "LaunchTemplateData": {}}, *NO_DATA),
    ("ec2", "CreateLaunchTemplate", {"LaunchTemplateName": "held", "ClientToken": "once", "LaunchTemplateData": {"InstanceType": "t3.nano"}},
     400, "IdempotentParameterMismatch", "Client token already used before."),
    ("ec2", "DescribeLaunchTemplates", {"LaunchTemplateNames": ["none"]}, 400, "InvalidLaunchTemplateName.NotFoundException",
     "At least one of the launch templates specified in the request does not exist."),
    ("ec2", "DescribeLaunchTemplates", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *INVALID, "The filter 'colour' is invalid"),
    ("ec2", "DescribeLaunchTemplateVersions", {"LaunchTemplateId": T}, *NO_TEMPLATE),
    ("ec2", "DescribeLaunchTemplateVersions", {}, *NEITHER),
    ("ec2", "DescribeLaunchTemplateVersions", {"Versions": ["1"]}, *COMBINED,
     "Without a launch template only the versions $Latest and $Default can be described"),
    ("ec2", "DescribeLaunchTemplateVersions", {"LaunchTemplateName": "held", "MaxResults": 201}, *INVALID,
     "Value ( 201 ) for parameter maxResults is invalid. Expecting a value between 1 and 200."),
    ("ec2", "ModifyLaunchTemplate", {"LaunchTemplateName": "held"}, *MISSING,
     SET_DEFAULT),
    ("ec2", "ModifyLaunchTemplate", {"LaunchTemplateId": T, "DefaultVersion": "1"}, *NO_TEMPLATE),
    ("ec2", "DeleteLaunchTemplate", {"LaunchTemplateId": T}, *NO_TEMPLATE),
    ("ec2", "DeleteLaunchTemplate", {}, *NEITHER),
    ("ec2", "DeleteLaunchTemplateVersions", {"LaunchTemplateName": "none", "Versions": ["1"]}, *NO_NAME),
    ("ec2", "GetLaunchTemplateData", {"InstanceId": I}, 400, "InvalidInstanceID.NotFound", f"The instance ID '{I}' does not exist"),
    (*run(LaunchTemplateId=T), *NO_TEMPLATE),
    (*run(LaunchTemplateName="none"), *NO_NAME),
    (*run(LaunchTemplateId=T, LaunchTemplateName="held"), *BOTH),
    (*run(LaunchTemplateName="held"), *MISSING, "The request must contain the parameter ImageId"),
    (*group(GroupName="near"), 400, "InvalidPlacementGroup.Duplicate", "The placement group 'near' already exists."),
    ("ec2", "CreatePlacementGroup", {"GroupName": "new"}, *MISSING, "The request must contain the parameter strategy"),
    ("ec2", "CreatePlacementGroup", {"Strategy": "cluster"}, *MISSING, "The request must contain the parameter groupName"),
    (*group(PartitionCount=2), *COMBINED, "The parameter PartitionCount may not be used with the strategy 'cluster'"),
    (*group(Strategy="partition", PartitionCount=8), *INVALID, "Value (8) for parameter PartitionCount is invalid. Valid values are between 1 and 7."),
    (*group(SpreadLevel="rack"), *COMBINED, "The parameter SpreadLevel may not be used with the strategy 'cluster'"),
    ("ec2", "DescribePlacementGroups", {"GroupNames": ["none"]}, *NO_GROUP),
    ("ec2", "DescribePlacementGroups", {"GroupIds": [G]}, 400, "InvalidPlacementGroup.Unknown", f"The Placement Group '{G}' is unknown."),
    ("ec2", "DescribePlacementGroups", {"GroupIds": ["pg-1"]}, 400, "InvalidPlacementGroupId.Malformed", "The placement group ID 'pg-1' is malformed"),
    ("ec2", "DeletePlacementGroup", {"GroupName": "none"}, *NO_GROUP),
    ("ec2", "DeletePlacementGroup", {"GroupName": "used"}, 400, "InvalidPlacementGroup.InUse", "The placement group 'used' is in use and may not be deleted."),
]
