"""Makes vectors.json from AWS's signing test suite, as the Rust package `aws-sigv4` carries it.

Usage: python3 vectors.py PACKAGE_DIRECTORY > vectors.json, where `cargo fetch` has unpacked the package.
"""

import json
import pathlib
import sys

# These two cases come without a context file: the secret that signed them, and when.
WITHOUT_CONTEXT = {
    "double-encode-path": ("notrealrnrELgWzOk3IfjzDKtFBhDby", "2015-08-30T12:36:00Z"),
    "double-url-encode": ("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "2021-05-11T15:40:45Z"),
}


def text(path):
    return path.read_bytes().decode() if path.exists() else None


def request(raw):
    head, _, body = raw.replace("\r\n", "\n").partition("\n\n")
    start, *lines = head.split("\n")
    method, _, target = start.removesuffix(" HTTP/1.1").partition(" ")
    path, mark, query = target.partition("?")
    headers = []
    for line in filter(None, lines):
        if line[0] in " \t":  # a folded line continues the value above
            headers[-1][1] += "\n" + line
        else:
            headers.append(line.split(":", 1))
    return {"method": method, "path": path, "query": query if mark else None, "headers": headers, "body": body.rstrip("\n")}


def case(directory, form):
    signed = text(directory / f"{form}-signed-request.txt")
    if signed is None:
        return None
    context = json.loads(text(directory / "context.json") or "{}")
    if context:
        secret, at = context["credentials"]["secret_access_key"], context["timestamp"]
    else:
        secret, at = WITHOUT_CONTEXT[directory.name]
    return {
        "name": directory.name,
        "form": form,
        "normalize": context.get("normalize", True),
        "token_unsigned": context.get("omit_session_token", False),
        "secret": secret,
        "at": at,
        "request": request(signed),
        "canonical_request": text(directory / f"{form}-canonical-request.txt"),
        "string_to_sign": text(directory / f"{form}-string-to-sign.txt"),
    }


def main():
    package = pathlib.Path(sys.argv[1])
    suite = package / "aws-signing-test-suite" / "v4"
    cases = [case(directory, form) for directory in sorted(suite.iterdir()) for form in ("header", "query")]
    document = {
        "source": "Rust package aws-sigv4, aws-signing-test-suite/v4 (from awslabs/aws-c-auth)",
        "version": package.name.removeprefix("aws-sigv4-"),
        "licence": "Apache-2.0",
        "made_by": "vectors.py",
        "cases": [found for found in cases if found],
    }
    json.dump(document, sys.stdout, indent=1, ensure_ascii=False)
    print()


main()
