"""Makes botocore.json: what botocore's signers send for a few requests that AWS's own suite does not have.

Usage: python3 record_botocore.py > botocore.json, with the package botocore installed.
"""

import datetime
import json
import random
import sys
import urllib.parse
from unittest import mock

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////////+wEaCXVzLWVhc3QtMSJHMEUCIQ=="
AT = datetime.datetime(2026, 3, 1, 12, 0, 0)
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
IDENTITY = "Action=GetCallerIdentity&Version=2011-06-15"


class Frozen(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return cls(*AT.timetuple()[:6])

    @classmethod
    def now(cls, tz=None):
        return cls(*AT.timetuple()[:6], tzinfo=tz)


# name, service, region, token, presigned, method, URL, headers, body
REQUESTS = [
    ("identity", "sts", "us-east-1", None, False, "POST", "http://127.0.0.1:4566/", FORM, IDENTITY),
    ("identity of a session", "sts", "eu-west-1", TOKEN, False, "POST", "https://sts.eu-west-1.amazonaws.com/", FORM, IDENTITY),
    ("identity with an empty path", "sts", "us-east-1", None, False, "POST", "https://sts.amazonaws.com", FORM, IDENTITY),
    ("global region", "iam", "aws-global", None, False, "POST", "http://localhost:4566/", FORM, "Action=ListUsers&Version=2010-05-08"),
    ("base path", "ec2", "us-west-2", None, False, "POST", "http://localhost:4566/base/path", FORM, "Action=DescribeVpcs&Version=2016-11-15"),
    ("untidy path", "ec2", "us-west-2", None, False, "POST", "http://localhost:4566//base/./x/../path//", FORM, "Action=DescribeVpcs"),
    ("escaped path", "ec2", "us-west-2", None, False, "GET", "http://localhost:4566/a%20b/c%2Fd~e?x=1", {}, ""),
    ("get with a query", "iam", "us-east-1", None, False, "GET", "http://localhost:4566/?Action=GetRole&RoleName=a%2Fb%20c&Version=2010-05-08&Empty=", {}, ""),
    ("own header", "sts", "us-east-1", None, False, "POST", "https://sts.amazonaws.com/", {**FORM, "X-Vault-AWS-IAM-Server-ID": "  vault.example.com   a  "}, IDENTITY),
    ("declared payload hash", "sts", "us-east-1", None, False, "POST", "http://localhost/", {**FORM, "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}, IDENTITY),
    ("body of bytes", "iam", "us-east-1", None, False, "POST", "http://localhost:4566/", FORM, "Action=CreateUser&UserName=%E1%88%B4&Path=%2F"),
    ("presigned", "sts", "us-east-1", None, True, "GET", "https://sts.amazonaws.com/?" + IDENTITY, {}, ""),
    ("presigned by a session", "sts", "us-east-1", TOKEN, True, "GET", "https://sts.amazonaws.com/?" + IDENTITY, {}, ""),
    ("presigned for a cluster", "sts", "us-east-2", TOKEN, True, "GET", "https://sts.us-east-2.amazonaws.com/?" + IDENTITY, {"x-k8s-aws-id": "my-cluster"}, ""),
    ("presigned with a port", "ec2", "eu-central-1", None, True, "GET", "http://127.0.0.1:4566/?Action=DescribeRegions&Version=2016-11-15&Filter.1.Value.1=a%2Ab", {}, ""),
    ("presigned post", "sts", "us-east-1", None, True, "POST", "http://127.0.0.1:4566/", FORM, IDENTITY),
    ("dated by HTTP", "sts", "us-east-1", None, False, "POST", "http://127.0.0.1:4566/", {**FORM, "Date": "replaced"}, IDENTITY),
    ("presigned with an open payload", "sts", "us-east-1", None, True, "GET", "https://sts.amazonaws.com/?" + IDENTITY, {}, ""),
]
# botocore's signer for S3 leaves the payload open in a presigned URL
SIGNED_AS_S3 = {"presigned with an open payload"}


def some_text(draw, least=0):
    return "".join(draw.choice("abcXYZ019-._~ /+*%&=@:,;$!()'\"éሴ🦀") for _ in range(draw.randint(least, 12)))


def drawn(number):
    """A request with odd characters wherever they may stand, the same one for the same number."""
    draw = random.Random(number)
    quoted = lambda least=0: urllib.parse.quote(some_text(draw, least), safe="-_.~")
    path = "/" + "/".join(draw.choice([quoted(), ".", "..", ""]) for _ in range(draw.randint(0, 5)))
    query = "&".join(quoted(1) + "=" + quoted() for _ in range(draw.randint(0, 5)))
    words = ["one", "two  three", "  four ", '"five   six"', "seven,eight", ""]
    headers = {f"X-Own-{letter}": draw.choice(words) for letter in draw.sample("abCD", draw.randint(0, 4))}
    presigned = draw.random() < 0.4
    body = "" if presigned else some_text(draw)
    url = f"http://localhost:4566{path}" + ("?" + query if query else "")
    return (f"drawn {number}", "sts", "us-east-1", draw.choice([None, TOKEN]), presigned, "GET" if presigned else "POST", url, headers, body)


def record(name, service, region, token, presigned, method, url, headers, body):
    # botocore presigns a form only as a dictionary, and moves it into the query
    data = dict(urllib.parse.parse_qsl(body)) if presigned else body.encode()
    request = AWSRequest(method=method, url=url, headers=headers, data=data)
    credentials = Credentials("AKIDEXAMPLE", SECRET, token)
    signer = botocore.auth.SigV4QueryAuth if presigned else botocore.auth.SigV4Auth
    if name in SIGNED_AS_S3:
        signer = botocore.auth.S3SigV4QueryAuth
    signer(credentials, service, region).add_auth(request)
    target = urllib.parse.urlsplit(request.url)
    sent = [["Host", target.netloc]] + [[key, value] for key, value in request.headers.items()]
    return {
        "name": name,
        "form": "query" if presigned else "header",
        "normalize": True,
        "token_unsigned": False,
        "secret": SECRET,
        "at": AT.isoformat() + "Z",
        "request": {
            "method": method,
            "path": target.path,
            "query": target.query or None,
            "headers": sent,
            "body": "" if presigned else body,
        },
    }


with mock.patch("datetime.datetime", Frozen):
    if hasattr(botocore.auth, "get_current_datetime"):
        botocore.auth.get_current_datetime = lambda **_: AT
    cases = [record(*one) for one in REQUESTS + [drawn(number) for number in range(60)]]
document = {
    "source": "recorded from the package botocore by record_botocore.py",
    "version": botocore.__version__,
    "licence": "Apache-2.0",
    "cases": cases,
}
json.dump(document, sys.stdout, indent=1, ensure_ascii=False)
print()
