"""Makes this container an EC2 instance of Rolecall's, then runs a command as an application on that instance.

As root of the default account it launches an instance with a role, and registers the address this container asks from for that instance.
From then on the metadata service answers this container as it answers an instance. The command gets no keys: it finds the role's.

    python3 instance.py COMMAND [ARGUMENTS…]
"""

import json
import os
import sys
import urllib.request

import boto3

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
SECRET = os.environ.pop("ROLECALL_ROOT_SECRET")
#: Network hops between this container and the metadata service, compared with the instance's hop limit.
HOPS = int(os.environ.get("ROLECALL_HOPS", "1"))
ROLE = os.environ.get("ROLECALL_ROLE", "container")
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


def root(service):
    return boto3.client(service, aws_access_key_id="test", aws_secret_access_key=SECRET)


def make_role(iam):
    """The role and its instance profile, unless an earlier container made them."""
    try:
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))
        iam.create_instance_profile(InstanceProfileName=ROLE)
        iam.add_role_to_instance_profile(InstanceProfileName=ROLE, RoleName=ROLE)
    except iam.exceptions.EntityAlreadyExistsException:
        pass


def launch(ec2):
    images = ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "name", "Values": ["al2023-ami-2023.*-x86_64"]}])["Images"]
    newest = max(images, key=lambda image: image["CreationDate"])["ImageId"]
    launched = ec2.run_instances(ImageId=newest, InstanceType="t3.micro", MinCount=1, MaxCount=1, IamInstanceProfile={"Name": ROLE})
    return launched["Instances"][0]["InstanceId"]


def register(instance):
    """Without an address in the body, the one this request comes from is registered."""
    request = urllib.request.Request(f"{ENDPOINT}/_rolecall/instances/{instance}/source", data=json.dumps({"hops": HOPS}).encode(),
                                     method="PUT", headers={"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["address"]


def main(command):
    if not command:
        sys.exit("instance.py: say which command to run")
    make_role(root("iam"))
    instance = launch(root("ec2"))
    print(f"this container is {instance}, known by {register(instance)}", file=sys.stderr, flush=True)
    os.execvp(command[0], command)


main(sys.argv[1:])
