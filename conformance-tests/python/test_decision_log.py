"""The log of decisions: what can be asked of it, how a decision is explained, and the policies it can be turned into."""

import json
import os
import subprocess

import pytest
from botocore.exceptions import ClientError

from conftest import BINARY, allow, clean_environment, image, launch, make_profile, make_user, trust

ACCOUNT = "arn:aws:iam::000000000000"
ANN = f"{ACCOUNT}:user/ann"


@pytest.fixture(scope="module")
def story(server):
    """What ann did: a request that was allowed, and one that was denied."""
    iam = server.client("iam")
    key = make_user(iam, "ann", allow(["iam:GetUser", "ec2:DescribeVpcs"]), {**allow("ec2:StopInstances"), "Sid": "Stop"})
    mine = server.client("iam", key)
    allowed = mine.get_user()["ResponseMetadata"]["RequestId"]
    with pytest.raises(ClientError) as denied:
        mine.delete_user(UserName="bob")
    return {"server": server, "key": key, "allowed": allowed, "denied": denied.value.response["ResponseMetadata"]["RequestId"]}


def ask(server, **parameters):
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return server.admin("GET", f"decisions?{query}")


def actions(page):
    return [f"{decision['service']}:{decision['operation']}" for decision in page["decisions"]]


def refusal(server, query):
    return server.refused("GET", query)


def test_questions(story):
    server = story["server"]
    assert set(actions(ask(server, principal=ANN))) == {"iam:GetUser", "iam:DeleteUser"}
    assert actions(ask(server, principal=ANN, verdict="denied")) == ["iam:DeleteUser"]
    assert actions(ask(server, principal="*user/ann", action="iam:getuser", limit=1)) == ["iam:GetUser"]
    assert actions(ask(server, resource=f"{ACCOUNT}:user/bob")) == ["iam:DeleteUser"]
    assert ask(server, principal=ANN, since="1h")["decisions"] and not ask(server, principal=ANN, until="1h")["decisions"]
    assert ask(server, account="000000000000", service="iam")["decisions"] and not ask(server, account="111111111111")["decisions"]
    for query, text in [
        ("decisions?verdict=maybe", "`maybe` is no verdict; there are allowed, denied, would-deny, refused"),
        ("decisions?limit=many", "`limit` is not a number"),
        ("decisions?since=yesterday", "`yesterday` is neither a time such as 2030-01-01T00:00:00Z nor a duration such as 1h"),
        ("decisions?who=ann", "`who` is no parameter of this call, or is there twice"),
        ("policy", "`principal` is missing"),
    ]:
        assert refusal(server, query) == (400, text)


def test_pages_without_a_gap(story):
    server, seen, before = story["server"], [], {}
    while before is not None:
        page = ask(server, account="000000000000", limit=2, **before)
        seen += [decision["number"] for decision in page["decisions"]]
        before = {"before": page["next"]} if page["next"] else None
    assert seen == sorted(set(seen), reverse=True) and len(seen) >= 5


def test_an_allowed_request_has_its_trace(story):
    decision = story["server"].admin("GET", f"decisions/{story['allowed']}")
    [check] = decision["checks"]
    assert (decision["verdict"], check["allowed"], check["deciding"][0]["policy"]) == ("allowed", True, "permissions")
    first, second = check["policies"][0]["statements"]
    assert first["matched"] and second["sid"] == "Stop"
    assert second["mismatches"] == [{"element": "Action", "expected": ["ec2:StopInstances"], "actual": "iam:GetUser"}]
    told = story["server"].run("why", story["allowed"]).stdout
    assert "Allowed by statement 1 (line 1) of the identity-based policy `permissions` (inline policy of the user)." in told


def test_why_it_was_denied(story):
    server = story["server"]
    told = server.run("why", story["denied"]).stdout.splitlines()
    assert told[0].startswith(f"{ANN} asked for iam:DeleteUser in us-east-1 at ") and told[0].endswith(": denied.")
    assert told[1].startswith("The answer was AccessDenied: User: ")
    assert told[3:] == [
        f"1. iam:DeleteUser on {ACCOUNT}:user/bob: denied",
        "   No identity-based policy allows it, and what nothing allows is denied.",
        "   Identity-based policies say what the user or role itself may do.",
        "   All 2 statements that allow anything are about other actions.",
        "   A policy of the caller with this statement would allow it:",
        f'      {{"Effect": "Allow", "Action": "iam:DeleteUser", "Resource": "{ACCOUNT}:user/bob"}}',
    ]
    full = server.run("why", "--full", story["denied"]).stdout
    assert "statement 2 `Stop` (line 1) (Allow) does not apply" in full and "its Action is `ec2:StopInstances`; the request has `iam:DeleteUser`" in full


def test_why_it_was_refused(story):
    server = story["server"]
    with pytest.raises(ClientError) as refused:
        server.client("iam", (story["key"][0], "wrong")).get_user()
    told = server.run("why", refused.value.response["ResponseMetadata"]["RequestId"]).stdout
    assert "asked for iam:GetUser" in told and "refused.\nThe answer was SignatureDoesNotMatch" in told
    assert "No policy was asked: the signature comes first" in told
    with pytest.raises(ClientError) as dry:
        server.client("ec2").describe_vpcs(DryRun=True)
    told = server.run("why", dry.value.response["ResponseMetadata"]["RequestId"]).stdout
    assert ", as a dry run: allowed." in told and "The account's root user needs no policy for it." in told


def test_the_command(story):
    server = story["server"]
    lines = server.run("decisions", "--principal", ANN, "--verdict", "denied").stdout.splitlines()
    assert len(lines) == 2 and "  denied      iam:DeleteUser  " in lines[0] and lines[0].endswith(f"{story['denied']}  AccessDenied")
    assert lines[1] == (f"    iam:DeleteUser on {ACCOUNT}:user/bob: because no identity-based policy allows the iam:DeleteUser action")
    [one] = server.run("decisions", "--json", "--action", "iam:DeleteUser", "--limit", "1").stdout.splitlines()
    assert json.loads(one)["requestId"] == story["denied"]
    wrong = server.run("decisions", "--verdict", "perhaps")
    assert wrong.returncode != 0 and wrong.stderr.startswith("rolecall: `perhaps` is no verdict")


def test_following(story):
    server = story["server"]
    environment = {**clean_environment(), "AWS_ENDPOINT_URL": server.url}
    command = [BINARY, "decisions", "--follow", "--verdict", "denied", "--principal", ANN, "--json"]
    follower = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(follower.stdout.readline())["requestId"] == story["denied"], "what was there comes first"
        mine = server.client("iam", story["key"])
        mine.get_user()
        with pytest.raises(ClientError) as denied:
            mine.list_users()
        assert json.loads(follower.stdout.readline())["requestId"] == denied.value.response["ResponseMetadata"]["RequestId"]
        assert cpu_seconds(follower.pid) < 1, "it waits, it does not ask again and again"
    finally:
        follower.kill()
        follower.wait()


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_the_log_survives_a_restart(make_server):
    server = make_server()
    iam = server.client("iam")
    key = make_user(iam, "ann", allow("iam:GetUser"))
    server.client("iam", key).get_user()
    before = ask(server, limit=1000)["decisions"]
    server.stop()
    server.start()
    assert ask(server, limit=1000)["decisions"] == before
    assert server.client("iam", key).get_user()["User"]["UserName"] == "ann"
    after = ask(server, limit=1000)["decisions"]
    assert after[1:] == before and after[0]["number"] == before[0]["number"] + 1
    server.admin("POST", "reset")
    assert ask(server)["decisions"] == []


def generate(server, principal, *more):
    done = server.run("policy", "generate", "--principal", principal, *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def work(server, key, world):
    """Requests of all kinds; each as a function, so that they can be made again."""
    iam, ec2, sts = (server.client(service, key) for service in ("iam", "ec2", "sts"))
    arguments = {"ImageId": world["image"], "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": "red"}]}]
    return [
        lambda: ec2.run_instances(**arguments, IamInstanceProfile={"Name": "app"}, TagSpecifications=tags, DryRun=True),
        lambda: ec2.stop_instances(InstanceIds=[world["instance"]], DryRun=True),
        lambda: ec2.describe_vpcs(),
        lambda: ec2.describe_instances(),
        lambda: iam.get_role(RoleName="app"),
        lambda: iam.get_role(RoleName="lost"),
        lambda: iam.attach_role_policy(RoleName="app", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"),
        lambda: iam.detach_role_policy(RoleName="app", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"),
        lambda: sts.assume_role(RoleArn=world["role"], RoleSessionName="work"),
        lambda: sts.get_caller_identity(),
    ]


def near_misses(server, key, world):
    """What is close to the requests above, and was not among them."""
    iam, ec2 = server.client("iam", key), server.client("ec2", key)
    arguments = {"ImageId": world["image"], "MinCount": 1, "MaxCount": 1, "DryRun": True}
    return [
        lambda: ec2.run_instances(**arguments, InstanceType="m5.large"),
        lambda: ec2.run_instances(**arguments, InstanceType="t3.micro", IamInstanceProfile={"Name": "other"}),
        lambda: ec2.stop_instances(InstanceIds=[world["other"]], DryRun=True),
        lambda: ec2.start_instances(InstanceIds=[world["instance"]], DryRun=True),
        lambda: ec2.create_tags(Resources=[world["instance"]], Tags=[{"Key": "a", "Value": "b"}], DryRun=True),
        lambda: ec2.describe_subnets(),
        lambda: server.client("ec2", key, region="eu-west-1").describe_vpcs(),
        lambda: iam.get_role(RoleName="other"),
        lambda: iam.attach_role_policy(RoleName="app", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"),
        lambda: iam.list_users(),
    ]


def outcome(request):
    """The error's code; nothing for success."""
    try:
        request()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def stage(server):
    iam, ec2 = server.client("iam"), server.client("ec2")
    make_profile(iam, "app")
    make_profile(iam, "other")
    role = iam.create_role(RoleName="target", AssumeRolePolicyDocument=trust("000000000000"))["Role"]["Arn"]
    made = {"image": image(ec2), "instance": launch(ec2), "other": launch(ec2), "role": role}
    # Both run before the work begins, so that it finds the same whenever it is done again.
    server.advance("1m")
    return made


DENIALS = {"AccessDenied", "UnauthorizedOperation"}


def replay(server, world, document, before):
    """A principal that has only that policy does all that was done, and nothing near it."""
    iam = server.client("iam")
    policy_arn = iam.create_policy(PolicyName="generated", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    key = make_user(iam, "replay")
    iam.attach_user_policy(UserName="replay", PolicyArn=policy_arn)
    assert [outcome(request) for request in work(server, key, world)] == before
    assert not DENIALS & set(filter(None, before))
    for number, request in enumerate(near_misses(server, key, world)):
        assert outcome(request) in DENIALS, number


def test_the_policy_that_was_needed(make_server):
    server = make_server()
    world = stage(server)
    key = make_user(server.client("iam"), "ann", allow("*"))
    before = [outcome(request) for request in work(server, key, world)]
    denied = make_user(server.client("iam"), "nobody")
    [outcome(request) for request in work(server, denied, world)]
    document = generate(server, ANN)
    assert generate(server, ANN) == document, "the same log, the same policy"
    assert "arn:aws:ec2:us-east-1:000000000000:instance/*" in json.dumps(document)
    replay(server, world, document, before)
    nothing = server.run("policy", "generate", "--principal", f"{ACCOUNT}:user/nobody")
    assert nothing.returncode != 0
    assert nothing.stderr == f"rolecall: the log knows no request of `{ACCOUNT}:user/nobody` that needed a permission\n"
    assert server.run("policy", "generate", "--principal", ANN, "--until", "1h").returncode != 0


def test_audit_lists_what_would_be_denied_and_makes_the_policy(make_server):
    server = make_server("--auth", "audit")
    world = stage(server)
    key = make_user(server.client("iam"), "ann", allow("iam:GetRole"))
    before = [outcome(request) for request in work(server, key, world)]
    assert not DENIALS & set(filter(None, before))
    lines = server.run("decisions", "--verdict", "would-deny", "--principal", ANN).stdout
    assert f"iam:PassRole on {ACCOUNT}:role/app: because no identity-based policy allows the iam:PassRole action" in lines
    would = ask(server, verdict="would-deny", principal=ANN)
    assert {"ec2:RunInstances", "ec2:DescribeVpcs", "sts:AssumeRole"} <= set(actions(would)) and "iam:GetRole" not in actions(would)
    told = server.run("why", would["decisions"][0]["requestId"]).stdout
    assert "Policies are not enforced here (--auth audit), so it passed." in told
    document = generate(server, ANN)
    assert json.dumps(document).count("iam:PassRole") == 1 and "ec2:CreateAction" in json.dumps(document)
    server.stop()
    server.arguments = ()
    server.start()
    replay(server, world, document, before)
