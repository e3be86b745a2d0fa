"""The differential test of crates/wire: an SDK's own serializer and parser against our decoder and writer, for every operation.

botocore serialises random legal inputs, and what `decode` understood must be what went in; `write` writes random answers, and what botocore
parses must be what went in. ROLECALL_DIFFERENTIAL names a built example; without it cargo builds one. ROLECALL_SEED draws other values.
"""

import collections
import copy
import datetime
import functools
import json
import os
import pathlib
import random
import subprocess

import botocore.session
import pytest
from botocore.awsrequest import AWSRequest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from generate import Draw

ROOT = pathlib.Path(__file__).parents[2]
SERVICES = {"iam": 181, "sts": 12, "ec2": 830}
INPUTS, OUTPUTS = 20, 5
SEED = os.environ.get("ROLECALL_SEED", "1")
SHOWN = 10
#: What counts as not given when it is empty, by operation: crates/wire/src/decode/empty.rs. Drawn empty, they get a text.
NOT_EMPTY = {"CreateTransitGatewayRoute": ["TransitGatewayAttachmentId"], "CreateVpnGateway": ["AvailabilityZone"],
             "RequestSpotInstances": ["SpotPrice", "LaunchSpecification.Placement.AvailabilityZone"], "RunInstances": ["ImageId", "Placement.AvailabilityZone"]}


@pytest.fixture(scope="session")
def ask():
    """Hands requests to the example and gives its answers, in their order."""
    program = os.environ.get("ROLECALL_DIFFERENTIAL")
    if program is None:
        subprocess.run(["cargo", "build", "--quiet", "-p", "rolecall-wire", "--example", "differential"], cwd=ROOT, check=True)
        program = ROOT / "target/debug/examples/differential"

    def run(requests):
        lines = "".join(json.dumps(request) + "\n" for request in requests)
        done = subprocess.run([program], input=lines.encode(), stdout=subprocess.PIPE, check=True)
        answers = [json.loads(line) for line in done.stdout.split(b"\n")[:-1]]
        assert len(answers) == len(requests)
        return answers

    return run


@pytest.fixture(scope="session")
def models():
    session = botocore.session.get_session()
    models = {name: session.get_service_model(name) for name in SERVICES}
    for name, count in SERVICES.items():
        assert len(models[name].operation_names) == count, name
    return models

#: Required by the model, but a version's source may be all of its data: the operation refuses what has neither.
JUDGED_BY_THE_OPERATION = {"LaunchTemplateData"}


def operations(model):
    return [model.operation_model(name) for name in model.operation_names]


def plain(value):
    """As JSON shows it: times in UTC, blobs as text."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        text = value.astimezone(datetime.timezone.utc).isoformat()
        return text.replace("+00:00", "Z") if "." not in text else text.replace("+00:00", "").rstrip("0") + "Z"
    return value.decode() if isinstance(value, bytes) else value


def form(operation, protocol, value):
    """The body that botocore would send."""
    serialized = create_serializer(protocol).serialize_to_request(value, operation)
    request = AWSRequest("POST", "http://localhost/", serialized["headers"], serialized["body"]).prepare()
    return request.body.decode() if isinstance(request.body, bytes) else request.body


def inputs(model):
    protocol = model.metadata["protocol"]
    for operation in operations(model):
        for number in range(INPUTS):
            value = {}
            if operation.input_shape is not None:
                draw = Draw(f"{SEED} in {operation.name} {number}", protocol, legal=True, full=number == 0)
                value = draw.value(operation.input_shape)
            fill(operation, value)
            yield operation, value, form(operation, protocol, value)


def fill(operation, value):
    for path in NOT_EMPTY.get(operation.name, []):
        *around, last = path.split(".")
        part = functools.reduce(lambda part, name: part.get(name, {}), around, value)
        if part.get(last) == "":
            part[last] = "given"


def answers(model):
    protocol = model.metadata["protocol"]
    for operation in operations(model):
        for number in range(OUTPUTS):
            value = {}
            if operation.output_shape is not None:
                draw = Draw(f"{SEED} out {operation.name} {number}", protocol, legal=False, full=number == 0)
                value = draw.value(operation.output_shape)
            yield operation, value


def told(service, value):
    """To STS an empty list is none (seen in September 2026: `Audience=` is a member that must not be null)."""
    return {name: item for name, item in value.items() if item != []} if service == "sts" else value


def differences(cases, found):
    """What was given and what was found, where they are not the same."""
    return [(name, given, got) for (name, given), got in zip(cases, found, strict=True) if given != got]


def report(capsys, text, wrong, count):
    with capsys.disabled():
        print(f"\n{text}: {count} compared, {len(wrong)} differ", end=" ")
    shown = "\n".join(f"{name}\n  given {given}\n  found {got}" for name, given, got in wrong[:SHOWN])
    assert not wrong, f"{len(wrong)} of {count} differ\n{shown}"


@pytest.mark.parametrize("service", SERVICES)
def test_decoding_understands_what_the_sdk_sends(service, models, ask, capsys):
    drawn = list(inputs(models[service]))
    requests = [{"service": service, "operation": operation.name, "form": body} for operation, _, body in drawn]
    found = [answer.get("value", answer) for answer in ask(requests)]
    wanted = [(operation.name, told(service, plain(value))) for operation, value, _ in drawn]
    wrong = differences(wanted, found)
    report(capsys, f"{service}: inputs of {SERVICES[service]} operations", wrong, len(drawn))


@pytest.mark.parametrize("service", SERVICES)
def test_the_sdk_reads_what_is_written(service, models, ask, capsys):
    parser = create_parser(models[service].metadata["protocol"])
    drawn = list(answers(models[service]))
    requests = [{"service": service, "operation": operation.name, "answer": plain(value)} for operation, value in drawn]
    found = [parsed(parser, operation, answer) for (operation, _), answer in zip(drawn, ask(requests), strict=True)]
    wrong = differences([(operation.name, plain(value)) for operation, value in drawn], found)
    report(capsys, f"{service}: outputs of {SERVICES[service]} operations", wrong, len(drawn))


def parsed(parser, operation, answer):
    if "written" not in answer:
        return answer
    response = {"body": answer["written"].encode(), "headers": {}, "status_code": 200}
    value = parser.parse(response, operation.output_shape)
    metadata = value.pop("ResponseMetadata")
    if metadata.get("RequestId") != "00000000-0000-4000-8000-000000000000":
        return {"the request id is lost": metadata}
    return plain(value)


def test_sts_writes_json_with_the_models_names(models, ask, capsys):
    drawn = list(answers(models["sts"]))
    requests = [{"service": "sts", "operation": operation.name, "answer": plain(value), "as": "json"} for operation, value in drawn]
    found = [json.loads(answer["written"]) if "written" in answer else answer for answer in ask(requests)]
    metadata = {"ResponseMetadata": {"RequestId": "00000000-0000-4000-8000-000000000000"}}
    cases = [
        (operation.name, {f"{operation.name}Response": {f"{operation.name}Result": in_seconds(value)} | metadata})
        for operation, value in drawn
    ]
    report(capsys, "sts: outputs as JSON", differences(cases, found), len(drawn))


def in_seconds(value):
    if isinstance(value, dict):
        return {name: in_seconds(item) for name, item in value.items()}
    if isinstance(value, list):
        return [in_seconds(item) for item in value]
    return value.timestamp() if isinstance(value, datetime.datetime) else value


@pytest.mark.parametrize("service", SERVICES)
def test_a_missing_required_member_is_refused(service, models, ask, capsys):
    protocol = models[service].metadata["protocol"]
    unchecked = create_serializer(protocol, include_validation=False)
    requests = []
    for operation in operations(models[service]):
        for member in operation.input_shape.required_members if operation.input_shape else []:
            if member in JUDGED_BY_THE_OPERATION:
                continue
            value = Draw(f"{SEED} without {member}", protocol, legal=True, full=False).value(operation.input_shape)
            del value[member]
            body = unchecked.serialize_to_request(value, operation)["body"]
            sent = AWSRequest("POST", "http://localhost/", {}, body).prepare().body
            body = sent.decode() if isinstance(sent, bytes) else sent
            requests.append({"service": service, "operation": operation.name, "form": body})
    wrong = [(request["operation"], request["form"], answer) for request, answer in zip(requests, ask(requests), strict=True) if "violations" not in answer]
    report(capsys, f"{service}: required members left out", wrong, len(requests))


@pytest.mark.parametrize("service", SERVICES)
def test_spoilt_forms_are_answered(service, models, ask, capsys):
    """Forms with pieces lost, doubled or replaced: whatever they mean now, there is an answer, and the three kinds of answer all occur."""
    chance = random.Random(SEED)
    drawn = list(inputs(models[service]))
    requests = [{"service": service, "operation": operation.name, "form": spoilt(chance, body)} for operation, _, body in drawn]
    answers = ask(requests)
    kinds = collections.Counter(kind for answer in answers for kind in answer)
    with capsys.disabled():
        print(f"\n{service}: spoilt forms: {dict(kinds)}", end=" ")
    assert set(kinds) == {"value", "violations", "error"}


def spoilt(chance, body):
    for _ in range(chance.randint(1, 3)):
        start, piece = chance.randrange(len(body) + 1), chance.choice(["", ".", "=", "&", "%", "%00", "%ff", ".1", ".0", ".member", "99999999999999999999", "🙂"])
        body = body[:start] + piece + body[start + chance.randint(0, 6) :]
    return body


def test_differences_are_seen(models, ask):
    """Were the comparison blind, the tests above could not fail."""
    operation, value, body = next(drawn for drawn in inputs(models["sts"]) if drawn[0].name == "AssumeRole")
    other = copy.deepcopy(value) | {"RoleSessionName": "another"}
    found = [answer.get("value", answer) for answer in ask([{"service": "sts", "operation": "AssumeRole", "form": body}])]
    assert differences([(operation.name, plain(value))], found) == []
    assert len(differences([(operation.name, plain(other))], found)) == 1
