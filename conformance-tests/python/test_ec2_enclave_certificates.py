"""Roles that may use a certificate inside of an enclave."""

import pytest

from conftest import allow, error_of, make_user, policy, trust

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/0c2e8f0b-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def make_role(server, name, path="/"):
    return server.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))["Role"]["Arn"]


def held(ec2, certificate=CERTIFICATE):
    return ec2.get_associated_enclave_certificate_iam_roles(CertificateArn=certificate)["AssociatedRoles"]


def test_a_role_is_associated_and_no_longer(server, ec2):
    role = make_role(server, "acm-role", "/web/")
    both = {"CertificateArn": CERTIFICATE, "RoleArn": role}
    made = ec2.associate_enclave_certificate_iam_role(**both)
    assert made["CertificateS3BucketName"] == "aws-ec2-enclave-certificate-us-east-1"
    assert made["CertificateS3ObjectKey"] == f"{role}/{CERTIFICATE}"
    assert len(made["EncryptionKmsKeyId"]) == 36
    [one] = held(ec2)
    assert one.pop("AssociatedRoleArn") == role
    assert one == {name: made[name] for name in one} and len(one) == 3
    assert ec2.associate_enclave_certificate_iam_role(**both)["EncryptionKmsKeyId"] == made["EncryptionKmsKeyId"]
    assert held(server.client("ec2", region="eu-west-1"), CERTIFICATE.replace("us-east-1", "eu-west-1")) == []
    server.kill()
    server.start()
    assert len(held(ec2)) == 1
    assert ec2.disassociate_enclave_certificate_iam_role(**both)["Return"] is True
    assert held(ec2) == []
    assert error_of(ec2.disassociate_enclave_certificate_iam_role, **both)[0] == "InvalidParameterValue"


def test_both_must_be_there(server, ec2):
    role = make_role(server, "there")
    for certificate, role in ((CERTIFICATE.replace("us-east-1", "us-west-2"), role), (CERTIFICATE.replace("acm", "iam"), role), (CERTIFICATE, role + "x"),
                              (CERTIFICATE, role.replace("role/", "role/path/")), (CERTIFICATE, "there")):
        assert error_of(ec2.associate_enclave_certificate_iam_role, CertificateArn=certificate, RoleArn=role)[0] == "InvalidParameterValue"
        assert error_of(ec2.disassociate_enclave_certificate_iam_role, CertificateArn=certificate, RoleArn=role)[0] == "InvalidParameterValue"
    assert held(ec2) == []
    assert error_of(ec2.get_associated_enclave_certificate_iam_roles, CertificateArn=CERTIFICATE.replace("certificate/", "key/"))[0] == "InvalidParameterValue"


def test_sixteen_roles_and_no_more(server, ec2):
    certificate = CERTIFICATE.replace("0c2e", "1c2e")
    for number in range(16):
        ec2.associate_enclave_certificate_iam_role(CertificateArn=certificate, RoleArn=make_role(server, f"role-{number}"))
    assert error_of(ec2.associate_enclave_certificate_iam_role, CertificateArn=certificate, RoleArn=make_role(server, "role-16"))[0] == "ResourceCountLimitExceeded"
    assert len(held(ec2, certificate)) == 16


def test_both_the_certificate_and_the_role_are_asked_for(server):
    iam, role = server.client("iam"), make_role(server, "asked-for")
    client = server.client("ec2", make_user(iam, "enclaves"))
    asked = {"CertificateArn": CERTIFICATE, "RoleArn": role}

    def permit(*resources):
        iam.put_user_policy(UserName="enclaves", PolicyName="roles", PolicyDocument=policy(allow("ec2:AssociateEnclaveCertificateIamRole", list(resources))))

    for resource in (CERTIFICATE, role):
        permit(resource)
        assert error_of(client.associate_enclave_certificate_iam_role, **asked)[0] == "UnauthorizedOperation"
    permit(CERTIFICATE, role)
    assert error_of(client.associate_enclave_certificate_iam_role, DryRun=True, **asked)[0] == "DryRunOperation"
    client.associate_enclave_certificate_iam_role(**asked)
    assert error_of(client.get_associated_enclave_certificate_iam_roles, CertificateArn=CERTIFICATE)[0] == "UnauthorizedOperation"
