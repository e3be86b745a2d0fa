"""Every operation of EC2 that is built is refused to whom its permission is lacking, in AWS's words.

`ec2_denials.txt` says for each operation which resource its first check is on and one condition key that is told of that, with its value. Operations
that are not there can be allowed on `*` alone, and their denials name no resource. Refused requests change nothing; where a caller is allowed, it is
a dry run.
"""

import json
import pathlib
import re

import pytest
from botocore import xform_name
from botocore.session import Session

from conftest import allow, error_of, make_user, policy
from ec2_stage import ACCOUNT, Stage

FOLDER = pathlib.Path(__file__).parent
#: What AWS's service authorization reference says of actions, resources and condition keys.
REFERENCE = json.loads((FOLDER / "../../data/authorization/ec2.json").read_text())
LINES = {line.split()[0]: line.split()[1:] for line in (FOLDER / "ec2_denials.txt").read_text().splitlines() if line and not line.startswith("#")}
MODEL = Session().get_service_model("ec2")
#: Actions that the reference does not list yet, each with one that is on the same resources and keys.
UNLISTED = {
    "DeleteClientVpnEndpointAuthorizationPolicy": "RevokeClientVpnIngress",
    "GetClientVpnEndpointAuthorizationPolicy": "ExportClientVpnClientConfiguration",
    "GetTransitGatewayAttachmentNatConfiguration": "AcceptTransitGatewayPeeringAttachment",
    "ModifyClientVpnEndpointAuthorizationPolicy": "AuthorizeClientVpnIngress",
    "ModifyTransitGatewayAttachmentNatConfiguration": "AcceptTransitGatewayPeeringAttachment",
    "ModifyTransitGatewayPeeringAttachment": "AcceptTransitGatewayPeeringAttachment",
}
SILENT, EXPLICIT = "because no identity-based policy allows the ec2:{} action", "with an explicit deny in an identity-based policy"
OPERATORS = {"String": "StringEquals", "ARN": "ArnEquals", "Numeric": "NumericEquals", "Bool": "Bool", "Date": "DateEquals",
             "ArrayOfString": "ForAnyValue:StringEquals", "ArrayOfARN": "ForAnyValue:ArnEquals"}
#: Of each type of key, a value that no line of the table has.
OTHERS = {"ARN": "arn:aws:ec2:us-east-1:000000000000:vpc/other", "Numeric": "99999", "Date": "2001-01-01T00:00:00Z", "ArrayOfARN": "arn:aws:ec2:::vpc/other"}


class Scene:
    """The stage, and a user whose only policy is set anew for each request."""

    def __init__(self, server):
        self.stage = Stage(server)
        self.iam = server.client("iam")
        self.user = server.client("ec2", make_user(self.iam, "caller"))

    def may(self, *statements):
        self.iam.put_user_policy(UserName="caller", PolicyName="permissions", PolicyDocument=policy(*statements))

    def line(self, operation):
        """The ARN, the key and the value of the operation's line."""
        resource, key, value = LINES[operation]
        kind, name = self.stage.put_in(resource).split("/", 1)
        arn = REFERENCE["resources"][kind]["arn"]
        for variable, meant in [("Partition", "aws"), ("Region", "us-east-1"), ("Account", ACCOUNT)]:
            arn = arn.replace(f"${{{variable}}}", meant)
        return arn[:arn.rindex("${")] + name, key, self.stage.put_in(value)

    def lines(self):
        return [(operation, *self.line(operation)) for operation in LINES]

    def request(self, operation):
        resource, key, _ = LINES.get(operation, ["", "", ""])
        return self.stage.request(operation, tagged=resource.partition("/")[0] if key.startswith("aws:RequestTag/") else None)

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


def met(key, value):
    """A condition that is met by that value."""
    return {OPERATORS[kind_of(key)]: {key: value}}


def kind_of(key):
    name = f"{key.partition('/')[0]}/${{TagKey}}" if "Tag/" in key else key
    return REFERENCE["conditionKeys"].get(name) or "String"


def other(key, value):
    """Another value of the key's type."""
    if kind_of(key) == "Bool":
        return "false" if value == "true" else "true"
    return OTHERS.get(kind_of(key), "other")


def test_who_may_nothing(scene):
    wrong = [text for operation in MODEL.operation_names for text in scene.refused(operation, SILENT)]
    assert not wrong, "\n".join(wrong)


def test_an_explicit_deny(scene):
    """Of exactly that action, on that resource, where the condition key has its value."""
    wrong = []
    for operation in MODEL.operation_names:
        action = f"ec2:{operation}"
        resource, condition = "*", {}
        if operation in LINES:
            resource, key, value = scene.line(operation)
            condition = {"Condition": met(key, value)}
        scene.may(allow("*"), {**allow(action, resource, **condition), "Effect": "Deny"})
        wrong += scene.refused(operation, EXPLICIT)
    assert not wrong, "\n".join(wrong)


def test_who_may_on_other_resources(scene):
    """On any other, and on that one where the condition key has another value."""
    wrong = []
    for operation, resource, key, value in scene.lines():
        scene.may(*only(operation, resource, met(key, other(key, value))))
        wrong += scene.refused(operation, SILENT)
    assert not wrong, "\n".join(wrong)


def test_who_may_on_that_resource(scene):
    """Where the condition key has its value."""
    wrong = []
    for operation, resource, key, value in scene.lines():
        if "DryRun" in MODEL.operation_model(operation).input_shape.members:
            scene.may(*only(operation, resource, met(key, value)))
            code, message, _ = scene.answer(operation, DryRun=True)
            wrong += [f"{operation} is refused where {key} is {value}: {message}"] if code == "UnauthorizedOperation" else []
    assert not wrong, "\n".join(wrong)


def test_the_table_agrees_with_the_reference():
    """Resources and keys are those that AWS lists for the action."""
    for operation, (resource, key, _) in LINES.items():
        facts = REFERENCE["actions"][UNLISTED.get(operation, operation)]
        [kind] = [one for one in facts["resources"] if one["name"] == resource.partition("/")[0]]
        names = [one.partition("${")[0] for one in kind.get("keys", []) + facts["keys"]]
        assert any(key == name or name.endswith("/") and key.startswith(name) for name in names), f"{operation} {kind['name']} {key}"
