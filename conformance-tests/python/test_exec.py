"""`rolecall exec`: local ports that stay reachable from an isolated network, and commands that run as containers of a task."""

import http.server
import json
import sys
import threading
import urllib.error
import urllib.request

import pytest

from conftest import allow, launch, trust

ASK = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())"
WHO = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'], boto3.Session().get_credentials().method)"


class Greeting(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello from outside")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def port():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Greeting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


@pytest.fixture(scope="module")
def role(server):
    iam = server.client("iam")
    iam.create_role(RoleName="task", AssumeRolePolicyDocument=trust("ecs-tasks.amazonaws.com"), Path="/apps/")
    iam.put_role_policy(RoleName="task", PolicyName="p", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [allow("iam:ListRoles")]}))
    iam.create_role(RoleName="other", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    return "task"


def test_a_forwarded_port_is_reachable_and_no_other(server, port):
    held = launch(server.client("ec2"))
    url = f"http://localhost:{port}/"
    without = server.run("exec", held, "--isolate", "--", sys.executable, "-c", ASK, url)
    if "does not let the program make a network" in without.stderr:
        pytest.skip("no namespaces here")
    assert without.returncode != 0 and "refused" in without.stderr
    done = server.run("exec", held, "--isolate", "--forward", str(port), "--", sys.executable, "-c", ASK, url)
    assert done.stdout == "hello from outside\n", done.stderr
    several = server.run("exec", held, "--isolate", "--forward", f"1,{port}", "--", sys.executable, "-c", ASK, f"http://127.0.0.1:{port}/")
    assert several.stdout == "hello from outside\n", several.stderr
    # What is not open outside is refused inside, too.
    assert server.run("exec", held, "--isolate", "--forward", "1", "--", sys.executable, "-c", ASK, "http://127.0.0.1:1/").returncode != 0


def test_forwarding_is_for_isolated_networks(server):
    done = server.run("exec", "i-0123456789abcdef0", "--forward", "80", "--", "true")
    assert done.returncode == 2 and "--isolate" in done.stderr


@pytest.mark.parametrize("named", ["task", "arn:aws:iam::000000000000:role/apps/task"])
def test_a_command_in_a_task(server, role, named):
    done = server.run("exec", "--task-role", named, "--", sys.executable, "-c", WHO, env={"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"})
    arn, method = done.stdout.split()
    assert method == "container-role"
    assert arn.startswith("arn:aws:sts::000000000000:assumed-role/task/") and len(arn.rsplit("/", 1)[1]) == 32, done.stderr
    lists = "import boto3; boto3.client('iam').list_roles(); boto3.client('iam').list_users()"
    done = server.run("exec", "--task-role", named, "--", sys.executable, "-c", lists)
    assert done.returncode == 1 and "is not authorized to perform: iam:ListUsers" in done.stderr


def test_roles_that_are_not_for_tasks(server, role):
    done = server.run("exec", "--task-role", "other", "--", "true")
    assert (done.returncode, done.stderr) == (1, "rolecall: the role `other` does not let ecs-tasks.amazonaws.com assume it\n")
    assert "there is no role `nobody`" in server.run("exec", "--task-role", "nobody", "--", "true").stderr
    assert server.run("exec", "--task-role", "task", "i-0123456789abcdef0", "--", "true").returncode == 2


def ask(server, path, token=None):
    request = urllib.request.Request(server.url + path, headers={"Authorization": token} if token else {})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_the_token_is_asked_for(server, role):
    task, other = (server.admin("POST", "tasks", {"role": role}) for _ in range(2))
    status, document = ask(server, task["path"], task["token"])
    assert status == 200 and document["RoleArn"] == "arn:aws:iam::000000000000:role/apps/task"
    assert set(document) == {"RoleArn", "AccessKeyId", "SecretAccessKey", "Token", "Expiration"}
    assert ask(server, task["path"], task["token"])[1] == document
    for token, expected in ((None, 401), ("x", 403), (other["token"], 403)):
        status, refused = ask(server, task["path"], token)
        assert status == expected and set(refused) == {"code", "message"}
    server.advance("1h")
    assert ask(server, task["path"], task["token"])[1]["AccessKeyId"] != document["AccessKeyId"]
    server.admin("POST", "clock", {"reset": True})
    server.client("iam").update_assume_role_policy(RoleName=role, PolicyDocument=trust("ec2.amazonaws.com"))
    assert ask(server, task["path"], task["token"])[0] == 403
    server.client("iam").update_assume_role_policy(RoleName=role, PolicyDocument=trust("ecs-tasks.amazonaws.com"))


def test_a_task_in_an_isolated_network(server, role):
    done = server.run("exec", "--task-role", role, "--isolate", "--", sys.executable, "-c", WHO)
    if "does not let the program make a network" in done.stderr:
        pytest.skip("no namespaces here")
    assert "assumed-role/task/" in done.stdout, done.stderr
