"""Passwords, aliases, certificates, SSH keys, service-specific credentials, and what of them keeps a user from being deleted."""

import datetime

from certificates import certificate, curve_key, private, public_line, rsa_key
from conftest import allow, make_user

STRICT = "111111111111"
KEY, OTHER_KEY, AUTHORITY = curve_key(), curve_key(), curve_key()
BODY = certificate("site", KEY, "authority", AUTHORITY)
SIGNING = certificate("ann", curve_key())
OLD = certificate("old", KEY, since=datetime.datetime(2001, 1, 1))
FUTURE = certificate("future", KEY, since=datetime.datetime(2901, 1, 1))
SSH = public_line(rsa_key())
CODECOMMIT, LAMBDA = "codecommit.amazonaws.com", "lambda.amazonaws.com"
LOST_KEY, LOST_CERTIFICATE, LOST_CREDENTIAL = "APKAXXXXXXXXXXXXXXXXX", "NONEXISTENTCERTID12345678901", "ACCAXXXXXXXXXXXXXXXXX"


def before(server):
    iam = server.client("iam")
    keys = {"nobody": make_user(iam, "nobody"), "ann": make_user(iam, "ann", allow("iam:ChangePassword")), "strict": server.account(STRICT)}
    keys["unset"] = make_user(iam, "unset", allow("iam:ChangePassword"))
    iam.create_login_profile(UserName="ann", Password="Correct-1")
    for name in ("passworded", "certified", "keyed", "credentialed"):
        iam.create_user(UserName=name)
    iam.create_login_profile(UserName="passworded", Password="Correct-1")
    for name in ("one", "two"):
        iam.upload_signing_certificate(UserName="certified", CertificateBody=certificate(name, curve_key()))
    iam.upload_signing_certificate(UserName="ann", CertificateBody=SIGNING)
    for ssh in [SSH, *(public_line(rsa_key()) for _ in range(4))]:
        iam.upload_ssh_public_key(UserName="keyed", SSHPublicKeyBody=ssh)
    for _ in range(2):
        iam.create_service_specific_credential(UserName="credentialed", ServiceName=CODECOMMIT)
    for name in ("site", "other"):
        iam.upload_server_certificate(ServerCertificateName=name, CertificateBody=BODY, PrivateKey=private(KEY))
    iam.create_account_alias(AccountAlias="mine")
    strict = server.client("iam", keys["strict"])
    strict.create_account_alias(AccountAlias="theirs")
    strict.update_account_password_policy(
        MinimumPasswordLength=10, RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True, RequireLowercaseCharacters=True,
        PasswordReusePrevention=24)
    strict.create_user(UserName="bob")
    strict.create_login_profile(UserName="bob", Password="Abcdefgh1!")
    strict.create_user(UserName="new")
    return keys


def validation(*items):
    noun = "error" if len(items) == 1 else "errors"
    return 400, "ValidationError", f"{len(items)} validation {noun} detected: " + "; ".join(items)


def denied(action, resource="*"):
    return (403, "AccessDenied", f"User: arn:aws:iam::000000000000:user/nobody is not authorized to perform: iam:{action} "
            f"on resource: {resource} because no identity-based policy allows the iam:{action} action", "nobody")


def missing(text):
    return 404, "NoSuchEntity", text


def violation(text):
    return 400, "PasswordPolicyViolation", text


NO_USER = missing("The user with name lost cannot be found.")
NO_PROFILE = missing("Login Profile for User nobody cannot be found.")
NO_KEY = missing(f"User has no Public Key with id {LOST_KEY}.")
NO_CERTIFICATE = missing(f"The Certificate with id {LOST_CERTIFICATE} cannot be found.")
NO_SITE = missing("The Server Certificate with name lost cannot be found.")
NO_CREDENTIAL = missing(f"No such credential {LOST_CREDENTIAL} exists")
NO_SERVICE = missing(f"No such service {LAMBDA} is supported for Service Specific Credentials")
NEEDS_NAME = (400, "ValidationError", "Must specify userName when calling with non-User credentials")
UPPER, LOWER, NUMBER, SYMBOL = (f"Password should have at least one {kind}" for kind in ("uppercase letter", "lowercase letter", "number", "symbol"))
CHAIN = ("Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any "
         "intermediaries in order. The index within the chain of the invalid certificate is: ")
USER = "user ann"
SITE = {"ServerCertificateName": "new", "CertificateBody": BODY, "PrivateKey": private(KEY)}
IN_USE = (409, "DeleteConflict")

CASES = [("iam", operation, parameters, *expected) for operation, parameters, expected in [
    # Passwords.
    ("CreateLoginProfile", {"UserName": "lost", "Password": "Correct-1"}, NO_USER),
    ("CreateLoginProfile", {"UserName": "ann", "Password": "Correct-1"}, (409, "EntityAlreadyExists", "Login Profile for user ann already exists.")),
    ("CreateLoginProfile", {"UserName": "nobody"},
     validation("Value at 'password' failed to satisfy constraint: Member must not be null")),
    ("CreateLoginProfile", {"Password": "Correct-1"}, NEEDS_NAME),
    ("CreateLoginProfile", {"UserName": "nobody", "Password": "Abc-1"}, violation("Password should have a minimum length of 8")),
    ("CreateLoginProfile", {"UserName": "nobody", "Password": "abcdefg1"},
     violation(f"Password should meet 1 more of the following requirements: {UPPER}, {SYMBOL}")),
    ("CreateLoginProfile", {"UserName": "nobody", "Password": "abcdefgh"},
     violation(f"Password should meet 2 more of the following requirements: {UPPER}, {NUMBER}, {SYMBOL}")),
    ("CreateLoginProfile", {"UserName": "new", "Password": "Abcdefg1!"}, (*violation("Password should have a minimum length of 10"), "strict")),
    ("CreateLoginProfile", {"UserName": "new", "Password": "abcdefgh1!"}, (*violation(UPPER), "strict")),
    ("CreateLoginProfile", {"UserName": "new", "Password": "ABCDEFGH1!"}, (*violation(LOWER), "strict")),
    ("CreateLoginProfile", {"UserName": "new", "Password": "Abcdefghi!"}, (*violation(NUMBER), "strict")),
    ("CreateLoginProfile", {"UserName": "new", "Password": "Abcdefghi1"}, (*violation(SYMBOL), "strict")),
    ("CreateLoginProfile", {"UserName": "ann", "Password": "Correct-1"}, denied("CreateLoginProfile", USER)),
    ("GetLoginProfile", {"UserName": "lost"}, NO_USER),
    ("GetLoginProfile", {"UserName": "nobody"}, NO_PROFILE),
    ("GetLoginProfile", {}, NEEDS_NAME),
    ("GetLoginProfile", {"UserName": "ann"}, denied("GetLoginProfile", USER)),
    ("UpdateLoginProfile", {"UserName": "lost"}, NO_USER),
    ("UpdateLoginProfile", {"UserName": "nobody", "Password": "Correct-1"}, NO_PROFILE),
    ("UpdateLoginProfile", {"UserName": "ann", "Password": "short"}, violation("Password should have a minimum length of 8")),
    ("UpdateLoginProfile", {"UserName": "bob", "Password": "Abcdefgh1!"},
     (*violation("Password does not conform to the account password policy."), "strict")),
    ("UpdateLoginProfile", {"UserName": "ann"}, denied("UpdateLoginProfile", USER)),
    ("DeleteLoginProfile", {"UserName": "lost"}, NO_USER),
    ("DeleteLoginProfile", {"UserName": "nobody"}, NO_PROFILE),
    ("DeleteLoginProfile", {"UserName": "ann"}, denied("DeleteLoginProfile", USER)),
    ("ChangePassword", {"OldPassword": "a", "NewPassword": "b"}, (400, "InvalidUserType", "Only IAM Users can change their own password")),
    ("ChangePassword", {"OldPassword": "wrong", "NewPassword": "Better-22"}, (403, "AccessDenied", "The old password was incorrect.", "ann")),
    ("ChangePassword", {"OldPassword": "Correct-1", "NewPassword": "short"},
     (*violation("Password should have a minimum length of 8"), "ann")),
    ("ChangePassword", {"OldPassword": "Correct-1", "NewPassword": "Better-22"},
     (*missing("Login Profile for User unset cannot be found."), "unset")),
    ("ChangePassword", {"OldPassword": "Correct-1", "NewPassword": "Better-22"},
     denied("ChangePassword", "arn:aws:iam::000000000000:user/nobody")),
    ("GetAccountPasswordPolicy", {}, missing("The Password Policy with domain name 000000000000 cannot be found.")),
    ("GetAccountPasswordPolicy", {}, denied("GetAccountPasswordPolicy")),
    ("UpdateAccountPasswordPolicy", {"MinimumPasswordLength": 129},
     validation("Value at 'minimumPasswordLength' failed to satisfy constraint: Member must have value less than or equal to 128")),
    ("UpdateAccountPasswordPolicy", {"PasswordReusePrevention": 25},
     validation("Value at 'passwordReusePrevention' failed to satisfy constraint: Member must have value less than or equal to 24")),
    ("UpdateAccountPasswordPolicy", {"MaxPasswordAge": 0},
     validation("Value at 'maxPasswordAge' failed to satisfy constraint: Member must have value greater than or equal to 1")),
    ("UpdateAccountPasswordPolicy", {}, denied("UpdateAccountPasswordPolicy")),
    ("DeleteAccountPasswordPolicy", {}, missing("The account policy with name PasswordPolicy cannot be found.")),
    ("DeleteAccountPasswordPolicy", {}, denied("DeleteAccountPasswordPolicy")),
    # Aliases.
    ("CreateAccountAlias", {"AccountAlias": "mine"}, (409, "EntityAlreadyExists", "The account alias mine already exists.")),
    ("CreateAccountAlias", {"AccountAlias": "theirs"}, (409, "EntityAlreadyExists", "The account alias theirs already exists.")),
    ("CreateAccountAlias", {"AccountAlias": "other"}, denied("CreateAccountAlias")),
    ("DeleteAccountAlias", {"AccountAlias": "theirs"}, missing("The account alias with name theirs cannot be found.")),
    ("DeleteAccountAlias", {"AccountAlias": "mine"}, denied("DeleteAccountAlias")),
    ("ListAccountAliases", {}, denied("ListAccountAliases")),
    # Signing certificates.
    ("UploadSigningCertificate", {"UserName": "lost", "CertificateBody": BODY}, NO_USER),
    ("UploadSigningCertificate", {"UserName": "ann", "CertificateBody": "invalid-certificate-body"},
     (400, "MalformedCertificate", "Certificate invalid-certificate-body is malformed.")),
    ("UploadSigningCertificate", {"UserName": "ann", "CertificateBody": OLD}, (400, "MalformedCertificate", f"Certificate {OLD} is malformed.")),
    ("UploadSigningCertificate", {"UserName": "certified", "CertificateBody": BODY},
     (409, "LimitExceeded", "Cannot exceed quota for CertificatesPerUser: 2")),
    ("UploadSigningCertificate", {"UserName": "ann", "CertificateBody": BODY}, denied("UploadSigningCertificate", USER)),
    ("ListSigningCertificates", {"UserName": "lost"}, NO_USER),
    ("ListSigningCertificates", {"UserName": "ann"}, denied("ListSigningCertificates", USER)),
    ("UpdateSigningCertificate", {"UserName": "lost", "CertificateId": LOST_CERTIFICATE, "Status": "Inactive"}, NO_USER),
    ("UpdateSigningCertificate", {"UserName": "ann", "CertificateId": LOST_CERTIFICATE, "Status": "Inactive"}, NO_CERTIFICATE),
    ("DeleteSigningCertificate", {"UserName": "lost", "CertificateId": LOST_CERTIFICATE}, NO_USER),
    ("DeleteSigningCertificate", {"UserName": "ann", "CertificateId": LOST_CERTIFICATE}, NO_CERTIFICATE),
    # SSH keys.
    ("UploadSSHPublicKey", {"UserName": "lost", "SSHPublicKeyBody": SSH}, NO_USER),
    ("UploadSSHPublicKey", {"UserName": "ann", "SSHPublicKeyBody": "key"},
     (400, "UnrecognizedPublicKeyEncoding", "Invalid public key uploaded.")),
    ("UploadSSHPublicKey", {"UserName": "ann", "SSHPublicKeyBody": "ssh-rsa AAAA"},
     (400, "InvalidPublicKey", "Invalid body for public key")),
    ("UploadSSHPublicKey", {"UserName": "keyed", "SSHPublicKeyBody": SSH},
     (400, "DuplicateSSHPublicKey", "Duplicate SSH public key uploaded.")),
    ("UploadSSHPublicKey", {"UserName": "keyed", "SSHPublicKeyBody": public_line(rsa_key())},
     (409, "LimitExceeded", "Cannot exceed quota for SSHPublicKeysPerUser: 5")),
    ("UploadSSHPublicKey", {"UserName": "ann", "SSHPublicKeyBody": SSH}, denied("UploadSSHPublicKey", USER)),
    ("GetSSHPublicKey", {"UserName": "ann", "SSHPublicKeyId": LOST_KEY, "Encoding": "SSH"}, NO_KEY),
    ("GetSSHPublicKey", {"UserName": "lost", "SSHPublicKeyId": LOST_KEY, "Encoding": "SSH"}, NO_USER),
    ("ListSSHPublicKeys", {"UserName": "lost"}, NO_USER),
    ("ListSSHPublicKeys", {}, NEEDS_NAME),
    ("UpdateSSHPublicKey", {"UserName": "ann", "SSHPublicKeyId": LOST_KEY, "Status": "Inactive"}, NO_KEY),
    ("DeleteSSHPublicKey", {"UserName": "ann", "SSHPublicKeyId": LOST_KEY}, NO_KEY),
    # Server certificates.
    ("UploadServerCertificate", {**SITE, "ServerCertificateName": "SITE"},
     (409, "EntityAlreadyExists", "The Server Certificate with name SITE already exists.")),
    ("UploadServerCertificate", {**SITE, "CertificateBody": "no"},
     (400, "MalformedCertificate", "Unable to parse certificate. Please ensure the certificate is in PEM format.")),
    ("UploadServerCertificate", {**SITE, "PrivateKey": "no"}, (400, "MalformedCertificate", "Invalid Private Key.")),
    ("UploadServerCertificate", {**SITE, "PrivateKey": private(OTHER_KEY)},
     (400, "KeyPairMismatch", "The private key did not match the public key provided. Please verify the key material and try again.")),
    ("UploadServerCertificate", {**SITE, "CertificateBody": OLD},
     (400, "MalformedCertificate", "Certificate is no longer valid. The 'Not After' date restriction on the certificate has passed.")),
    ("UploadServerCertificate", {**SITE, "CertificateBody": FUTURE},
     (400, "MalformedCertificate", "Certificate is not yet valid. The 'Not Before' date is in the future.")),
    ("UploadServerCertificate", {**SITE, "CertificateChain": OLD}, (400, "MalformedCertificate", CHAIN + "-1")),
    ("UploadServerCertificate", {**SITE, "CertificateChain": certificate("authority", OTHER_KEY)}, (400, "MalformedCertificate", CHAIN + "0")),
    ("UploadServerCertificate", {**SITE, "Tags": [{"Key": "a", "Value": ""}, {"Key": "a", "Value": ""}]},
     (400, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")),
    ("UploadServerCertificate", {**SITE, "PrivateKey": "\ufeff" + private(KEY)},
     (400, "ValidationError", "The specified value for privateKey is invalid. It must contain only printable ASCII characters.")),
    ("UploadServerCertificate", SITE, denied("UploadServerCertificate", "arn:aws:iam::000000000000:server-certificate/new")),
    ("GetServerCertificate", {"ServerCertificateName": "lost"}, NO_SITE),
    ("GetServerCertificate", {"ServerCertificateName": "lost"}, denied("GetServerCertificate", "server certificate lost")),
    ("ListServerCertificates", {}, denied("ListServerCertificates", "arn:aws:iam::000000000000:server-certificate/")),
    ("ListServerCertificates", {"PathPrefix": "/cloudfront/"},
     denied("ListServerCertificates", "arn:aws:iam::000000000000:server-certificate/cloudfront/")),
    ("UpdateServerCertificate", {"ServerCertificateName": "lost"}, NO_SITE),
    ("UpdateServerCertificate", {"ServerCertificateName": "site", "NewServerCertificateName": "other"},
     (409, "EntityAlreadyExists", "The Server Certificate with name other already exists.")),
    ("DeleteServerCertificate", {"ServerCertificateName": "lost"}, NO_SITE),
    ("TagServerCertificate", {"ServerCertificateName": "lost", "Tags": [{"Key": "a", "Value": ""}]}, NO_SITE),
    ("TagServerCertificate", {"ServerCertificateName": "site", "Tags": [{"Key": "aws:a", "Value": ""}]},
     (400, "InvalidInput", "Tag keys beginning with aws: are reserved for system use.")),
    ("UntagServerCertificate", {"ServerCertificateName": "lost", "TagKeys": ["a"]}, NO_SITE),
    ("UntagServerCertificate", {"ServerCertificateName": "site", "TagKeys": []}, (400, "InvalidInput", "The provided tag keys must not be null/empty.")),
    ("ListServerCertificateTags", {"ServerCertificateName": "lost"}, NO_SITE),
    # Service-specific credentials.
    ("CreateServiceSpecificCredential", {"UserName": "lost", "ServiceName": LAMBDA}, NO_USER),
    ("CreateServiceSpecificCredential", {"UserName": "ann", "ServiceName": LAMBDA}, NO_SERVICE),
    ("ListServiceSpecificCredentials", {"UserName": "ann", "ServiceName": "a_b"}, (400, "ValidationError", "ServiceName must match [a-zA-Z0-9.-]*")),
    ("CreateServiceSpecificCredential", {"UserName": "credentialed", "ServiceName": CODECOMMIT},
     (409, "LimitExceeded", "Cannot exceed quota for ContextSpecificCredentialsPerUserPerContext: 2")),
    ("CreateServiceSpecificCredential", {"UserName": "ann", "ServiceName": CODECOMMIT}, denied("CreateServiceSpecificCredential", USER)),
    ("ListServiceSpecificCredentials", {"UserName": "lost"}, NO_USER),
    ("ListServiceSpecificCredentials", {"UserName": "ann", "ServiceName": LAMBDA}, NO_SERVICE),
    ("ListServiceSpecificCredentials", {"UserName": "ann", "AllUsers": True},
     (400, "ValidationError", "AllUsers cannot be specified together with UserName")),
    ("ListServiceSpecificCredentials", {"AllUsers": True}, denied("ListServiceSpecificCredentials", "arn:aws:iam::000000000000:user/*")),
    ("UpdateServiceSpecificCredential", {"UserName": "ann", "ServiceSpecificCredentialId": LOST_CREDENTIAL, "Status": "Inactive"}, NO_CREDENTIAL),
    ("ResetServiceSpecificCredential", {"UserName": "ann", "ServiceSpecificCredentialId": LOST_CREDENTIAL}, NO_CREDENTIAL),
    ("DeleteServiceSpecificCredential", {"UserName": "ann", "ServiceSpecificCredentialId": LOST_CREDENTIAL}, NO_CREDENTIAL),
    ("DeleteServiceSpecificCredential", {"ServiceSpecificCredentialId": LOST_CREDENTIAL}, NEEDS_NAME),
    # What keeps a user.
    ("DeleteUser", {"UserName": "passworded"}, (*IN_USE, "Cannot delete entity, must delete login profile first.")),
    ("DeleteUser", {"UserName": "certified"}, (*IN_USE, "Cannot delete entity, must delete certificates first.")),
    ("DeleteUser", {"UserName": "keyed"}, (*IN_USE, "Cannot delete entity, must remove referenced objects first.")),
    ("DeleteUser", {"UserName": "credentialed"}, (*IN_USE, "Cannot delete entity, must remove referenced objects first.")),
]]
