"""Every operation of EC2 that is built is refused to whom its permission is lacking, in AWS's words.

`ec2_denials.txt` says for each operation which resource its first check is on and condition keys that are told of that, with their values. Operations
that are not there can be allowed on `*` alone, and their denials name no resource. Refused requests change nothing; where a caller is allowed, it is
a dry run.
"""

import json
import pathlib
import re
import shlex

import pytest
from botocore import xform_name
from botocore.session import Session

from conftest import allow, error_of, make_user, policy
from ec2_stage import ACCOUNT, Stage

FOLDER = pathlib.Path(__file__).parent
#: What AWS's service authorization reference says of actions, resources and condition keys.
REFERENCE = json.loads((FOLDER / "../../data/authorization/ec2.json").read_text())
WORDS = [shlex.split(line) for line in (FOLDER / "ec2_denials.txt").read_text().splitlines() if not line.startswith("#")]
#: The resource and the keys with their values, by operation.
LINES = {operation: (resource, dict(zip(told[::2], told[1::2]))) for operation, resource, *told in WORDS}
MODEL = Session().get_service_model("ec2")
#: Actions that the reference does not list yet, each with one that is on the same resources and keys.
UNLISTED = {
    "DeleteClientVpnEndpointAuthorizationPolicy": "RevokeClientVpnIngress",
    "GetClientVpnEndpointAuthorizationPolicy": "ExportClientVpnClientConfiguration",
    "GetTransitGatewayAttachmentNatConfiguration": "AcceptTransitGatewayPeeringAttachment",
    "ModifyClientVpnEndpointAuthorizationPolicy": "AuthorizeClientVpnIngress",
    "ModifyTransitGatewayAttachmentNatConfiguration": "AcceptTransitGatewayPeeringAttachment",
    "ModifyTransitGatewayPeeringAttachment": "AcceptTransitGatewayPeeringAttachment",
    "CreateTransitGatewayNetworkFunctionAttachment": "CreateTransitGatewayPeeringAttachment",
    "DeleteTransitGatewayNetworkFunctionAttachment": "DeleteTransitGatewayPeeringAttachment",
    "DescribeTransitGatewayNetworkFunctionAttachments": "DescribeTransitGatewayPeeringAttachments",
    "ModifyTransitGatewayNetworkFunctionAttachment": "AcceptTransitGatewayPeeringAttachment",
    "GetCapacityManagerSupportabilityScores": "GetCapacityManagerMetricData",
    "GetImageFindings": "GetImageAncestry",
    "AssociateKmsKeyId": "RestoreSnapshotTier",
    "DisassociateKmsKeyId": "RestoreSnapshotTier",
}
#: Types of resources that it does not list yet, with their ARNs.
UNLISTED_TYPES = {name: {"arn": f"arn:${{Partition}}:ec2:${{Region}}:${{Account}}:{name}/${{Id}}"}
                  for name in ("capacity-reservation-modification-quote", "fca-policy", "metric-category")}
#: Condition keys of the reference that no line has.
UNTOLD = {
    # Told of a resource that is not the first to be checked, or of sessions: other tests have these.
    "AssociatePublicIpAddress", "AuthorizedUser", "CreateAction", "LaunchTemplate", "RoleDelivery", "SourceInstanceARN",
    # Told of images from the marketplace alone.
    "ProductCode",
    # No operation that is built has them, or they are of what is not built (docs/authorization-exceptions.txt).
    "CommitmentDuration", "ElasticGpuType", "FisActionId", "FisTargetArns", "InterruptibleCapacityReservationId", "InterruptionType", "Ipv6IpamPoolId",
    "IsInterruptible", "Location", "ManagedResourceOperator", "OutpostArn", "SourceOutpostArn", "TargetInstanceCount", "VolumeInitializationRate",
    "VpceMultiRegion", "VpcePrivateDnsPreference", "VpcePrivateDnsSpecifiedDomains", "VpceSupportedRegion",
}
SILENT, EXPLICIT = "because no identity-based policy allows the ec2:{} action", "with an explicit deny in an identity-based policy"
OPERATORS = {"String": "StringEquals", "ARN": "ArnEquals", "Numeric": "NumericEquals", "Bool": "Bool", "Date": "DateEquals",
             "ArrayOfString": "ForAnyValue:StringEquals"}


class Scene:
    """The stage, and a user whose only policy is set anew for each request."""

    def __init__(self, server):
        self.stage = Stage(server)
        self.iam = server.client("iam")
        self.user = server.client("ec2", make_user(self.iam, "caller"))

    def may(self, *statements):
        self.iam.put_user_policy(UserName="caller", PolicyName="permissions", PolicyDocument=policy(*statements))

    def line(self, operation):
        """The ARN of the operation's line, and what its keys are told."""
        resource, told = LINES[operation]
        kind, name = self.stage.put_in(resource).split("/", 1)
        arn = {**REFERENCE["resources"], **UNLISTED_TYPES}[kind]["arn"]
        for variable, meant in [("Partition", "aws"), ("Region", "us-east-1"), ("Account", ACCOUNT)]:
            arn = arn.replace(f"${{{variable}}}", meant)
        return arn[:arn.rindex("${")] + name, self.stage.put_in(told)

    def lines(self):
        return [(operation, *self.line(operation)) for operation in LINES]

    def request(self, operation):
        resource, told = LINES.get(operation, ("", {}))
        return self.stage.request(operation, tagged=resource.partition("/")[0] if "aws:RequestTag/team" in told else None)

    def answer(self, operation, **more):
        return error_of(getattr(self.user, xform_name(operation)), **self.request(operation), **more)

    def refused(self, operation, clause):
        """Nothing if the operation is refused in those words, or is not built; else what is wrong."""
        code, message, status = self.answer(operation)
        if status == 501:
            return []
        resource = f" on resource: {self.line(operation)[0]}" if operation in LINES else ""
        text = (f"You are not authorized to perform this operation. User: arn:aws:iam::{ACCOUNT}:user/caller is not authorized to perform: "
                f"ec2:{operation}{resource} {clause.format(operation)}")
        encoded = r"\. Encoded authorization failure message: [\w-]+" if resource else ""
        is_right = (code, status) == ("UnauthorizedOperation", 403) and re.fullmatch(re.escape(text) + encoded, message)
        return [] if is_right else [f"{operation} {self.request(operation)}:\n  expected {text}\n  answered {code} {message}"]


@pytest.fixture(scope="module")
def scene(server):
    return Scene(server)


def only(operation, resource, condition):
    """Everything is allowed, that operation on that resource under a condition."""
    action = f"ec2:{operation}"
    return ({"Effect": "Allow", "NotAction": action, "Resource": "*"}, {"Effect": "Allow", "Action": action, "NotResource": resource},
            allow(action, resource, Condition=condition))


def met(told):
    """A condition that is met where all keys have these values."""
    condition = {}
    for key, value in told.items():
        condition.setdefault(operator(key, value), {})[key] = value
    return condition


def operator(key, value):
    kind = REFERENCE["conditionKeys"].get(listed(key), "String")
    return OPERATORS["String" if kind == "ARN" and not value.startswith("arn:") else kind]


def listed(key):
    """The key as the reference lists it: `ec2:ResourceTag/${TagKey}`."""
    return next(name for name in REFERENCE["conditionKeys"] if name == key or "${" in name and key.startswith(name.partition("${")[0]))


def otherwise(told):
    """Not met, since the first key has another value."""
    key, value = next(iter(told.items()))
    others = {"ArnEquals": "arn:aws:ec2:us-east-1:000000000000:vpc/other", "NumericEquals": "99999", "DateEquals": "2001-01-01T00:00:00Z"}
    another = "true" if value == "false" else "false" if value == "true" else others.get(operator(key, value), "other")
    return met({**told, key: another})


def test_who_may_nothing(scene):
    wrong = [text for operation in MODEL.operation_names for text in scene.refused(operation, SILENT)]
    assert not wrong, "\n".join(wrong)


def test_an_explicit_deny(scene):
    """Of exactly that action, on that resource, where the condition keys have their values."""
    wrong = []
    for operation in MODEL.operation_names:
        action = f"ec2:{operation}"
        resource, condition = "*", {}
        if operation in LINES:
            resource, told = scene.line(operation)
            condition = {"Condition": met(told)}
        scene.may(allow("*"), {**allow(action, resource, **condition), "Effect": "Deny"})
        wrong += scene.refused(operation, EXPLICIT)
    assert not wrong, "\n".join(wrong)


def test_who_may_on_other_resources(scene):
    """On any other, and on that one where a condition key has another value."""
    wrong = []
    for operation, resource, told in scene.lines():
        scene.may(*only(operation, resource, otherwise(told)))
        wrong += scene.refused(operation, SILENT)
    assert not wrong, "\n".join(wrong)


def test_who_may_on_that_resource(scene):
    """Where the condition keys have their values."""
    wrong = []
    for operation, resource, told in scene.lines():
        if "DryRun" in MODEL.operation_model(operation).input_shape.members:
            scene.may(*only(operation, resource, met(told)))
            code, message, _ = scene.answer(operation, DryRun=True)
            wrong += [f"{operation} is refused where {told}: {message}"] if code == "UnauthorizedOperation" else []
    assert not wrong, "\n".join(wrong)


def test_a_launch_with_a_public_address(scene):
    never = {**allow("ec2:RunInstances", Condition={"Bool": {"ec2:AssociatePublicIpAddress": "true"}}), "Effect": "Deny"}
    scene.may(allow("*"), never)
    codes = {wanted: scene.answer("RunInstances", DryRun=True, NetworkInterfaces=[
        {"DeviceIndex": 0, "SubnetId": scene.stage.names["SubnetId"], "AssociatePublicIpAddress": wanted}])[0] for wanted in (False, True)}
    assert codes == {False: "DryRunOperation", True: "UnauthorizedOperation"}


def test_the_table_agrees_with_the_reference():
    """Resources and keys are those that AWS lists for the action, and no key is left out."""
    assert not {*UNLISTED_TYPES} & {*REFERENCE["resources"]}
    for operation, (resource, told) in LINES.items():
        if resource.partition("/")[0] in UNLISTED_TYPES:
            assert operation not in REFERENCE["actions"] and {listed(key) for key in told} <= {"aws:RequestTag/${TagKey}", "ec2:ResourceTag/${TagKey}"}
            continue
        facts = REFERENCE["actions"][UNLISTED.get(operation, operation)]
        [kind] = [one for one in facts["resources"] if one["name"] == resource.partition("/")[0]]
        assert {listed(key) for key in told} <= {*kind.get("keys", []), *facts["keys"]}, operation
    told = {listed(key) for _, keys in LINES.values() for key in keys}
    assert set(REFERENCE["conditionKeys"]) - told == {f"ec2:{key}" for key in UNTOLD}
