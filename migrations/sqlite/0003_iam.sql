-- IAM's entities. Each is keyed by its account and unique id; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE iam_user (
    account TEXT NOT NULL,
    id      TEXT NOT NULL,
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, id)
) STRICT;

CREATE TABLE iam_group (
    account TEXT NOT NULL,
    id      TEXT NOT NULL,
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, id)
) STRICT;

CREATE TABLE iam_role (
    account TEXT NOT NULL,
    id      TEXT NOT NULL,
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, id)
) STRICT;

CREATE TABLE iam_policy (
    account TEXT NOT NULL,
    id      TEXT NOT NULL,
    name    TEXT NOT NULL,
    arn     TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, id)
) STRICT;

CREATE TABLE iam_instance_profile (
    account TEXT NOT NULL,
    id      TEXT NOT NULL,
    name    TEXT NOT NULL,
    role_id TEXT,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, id),
    FOREIGN KEY (account, role_id) REFERENCES iam_role (account, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX iam_instance_profile_role ON iam_instance_profile (account, role_id);

-- user_id is NULL for keys of the account's root user.
CREATE TABLE iam_access_key (
    id      TEXT NOT NULL,
    account TEXT NOT NULL,
    user_id TEXT,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (account, user_id) REFERENCES iam_user (account, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX iam_access_key_user ON iam_access_key (account, user_id);

-- When a key or a role was used last; written lazily.
CREATE TABLE iam_last_used (
    id      TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;
