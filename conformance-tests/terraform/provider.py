"""One process of the provider for all commands of a test, to which Terraform attaches.

A process for each command is what Terraform does by itself: it hashes the provider's seven hundred megabytes and reads its schemas anew every time, which
is two thirds of what these tests would cost. Only the story is told as it is told to people. <https://developer.hashicorp.com/terraform/plugin/debugging#debugger-based-debugging>
"""

import pathlib
import re
import subprocess
import time

#: Those that run for the tests of the present module.
RUNNING = []
#: The provider's program, once it is found.
FOUND = []
#: The version of it that the configurations want.
VERSION = re.search(r'version\s+= "(.*)"', (pathlib.Path(__file__).parent / "versions.tf").read_text()).group(1)


def has_several(folder):
    """Whether a configuration configures the provider more than once, which needs a process for each."""
    return any(re.search(r"^\s+alias\s+=", path.read_text(), re.MULTILINE) for path in folder.glob("*.tf"))


def note(folder):
    """Remembers the program in a folder that has it by host, namespace, name, version and platform: a mirror, or what `terraform init` made."""
    found = list(folder.glob(f"*/*/aws/{VERSION}/*/terraform-provider-aws_*")) if folder else []
    FOUND.extend(found[:1] if len(found) == 1 else [])


def attach(folder, environment):
    """Starts the provider, which writes into that folder; what the environment of Terraform's commands gets by it, which need no `init` then."""
    with open(folder / "provider.log", "wb") as log:
        process = subprocess.Popen([FOUND[0], "-debug"], env=environment, stdout=log, stderr=subprocess.DEVNULL)
    RUNNING.append(process)
    for _ in range(600):
        found = re.search(r"TF_REATTACH_PROVIDERS='(.*)'", (folder / "provider.log").read_text())
        if found:
            return {"TF_REATTACH_PROVIDERS": found.group(1)}
        time.sleep(0.1)
    raise AssertionError("the provider did not start within a minute")


def override(folder):
    """A CLI configuration by which Terraform starts the program as it is, without `init` and without hashing it for every command.

    <https://developer.hashicorp.com/terraform/cli/config/config-file#development-overrides-for-provider-developers>
    """
    path = folder / "override.rc"
    path.write_text(f'provider_installation {{\n  dev_overrides {{\n    "hashicorp/aws" = "{FOUND[0].resolve().parent}"\n  }}\n  direct {{}}\n}}\n')
    return {"TF_CLI_CONFIG_FILE": str(path)}


def stop_all():
    while RUNNING:
        process = RUNNING.pop()
        process.kill()
        process.wait()
