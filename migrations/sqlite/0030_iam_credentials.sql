-- What users and accounts identify themselves by, besides access keys. user_id is NULL for what belongs to an account's root user.

-- holder is the user's id, or `root`.
CREATE TABLE iam_login_profile (
    account TEXT NOT NULL,
    holder  TEXT NOT NULL,
    user_id TEXT,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, holder),
    FOREIGN KEY (account, user_id) REFERENCES iam_user (account, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX iam_login_profile_user ON iam_login_profile (account, user_id);

CREATE TABLE iam_password_policy (
    account TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;

CREATE TABLE iam_account_alias (
    account TEXT NOT NULL PRIMARY KEY,
    alias   TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;

CREATE TABLE iam_signing_certificate (
    account TEXT NOT NULL,
    id      TEXT NOT NULL,
    user_id TEXT,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, id),
    FOREIGN KEY (account, user_id) REFERENCES iam_user (account, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX iam_signing_certificate_user ON iam_signing_certificate (account, user_id);

CREATE TABLE iam_ssh_public_key (
    account TEXT NOT NULL,
    id      TEXT NOT NULL,
    user_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, id),
    FOREIGN KEY (account, user_id) REFERENCES iam_user (account, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX iam_ssh_public_key_user ON iam_ssh_public_key (account, user_id);

CREATE TABLE iam_server_certificate (
    account TEXT NOT NULL,
    id      TEXT NOT NULL,
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, id)
) STRICT;

CREATE TABLE iam_service_specific_credential (
    account TEXT NOT NULL,
    id      TEXT NOT NULL,
    user_id TEXT NOT NULL,
    service TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, id),
    FOREIGN KEY (account, user_id) REFERENCES iam_user (account, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX iam_service_specific_credential_user ON iam_service_specific_credential (account, user_id);
