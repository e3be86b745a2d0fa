-- Virtual MFA devices. user_id is NULL for one that nobody uses, and for one of the account's root user; doc says which.
CREATE TABLE iam_mfa_device (
    account TEXT NOT NULL,
    serial  TEXT NOT NULL,
    user_id TEXT,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, serial),
    FOREIGN KEY (account, user_id) REFERENCES iam_user (account, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX iam_mfa_device_user ON iam_mfa_device (account, user_id);

-- The last credential report of an account.
CREATE TABLE iam_credential_report (
    account TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;

-- What an account has set for itself as a whole: the version of the global endpoint's tokens, account properties.
CREATE TABLE iam_account_settings (
    account TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;
