-- Service-linked roles on their way out and what still uses them; temporary delegation; templates that AWS would keep.

-- A deletion of a service-linked role that was asked for; id is the task's: task/aws-service-role/SERVICE/ROLE/UUID.
CREATE TABLE iam_linked_role_deletion (
    account TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, id)
) STRICT;

-- A resource that a service keeps with its service-linked role; role is the role's name in lower case.
CREATE TABLE iam_linked_role_use (
    account  TEXT NOT NULL,
    role     TEXT NOT NULL,
    region   TEXT NOT NULL,
    resource TEXT NOT NULL,
    version  INTEGER NOT NULL,
    doc      TEXT NOT NULL,
    PRIMARY KEY (account, role, region, resource)
) STRICT;

-- A request of another account for temporary permissions; owner_account is NULL until it is known.
CREATE TABLE iam_delegation_request (
    id            TEXT NOT NULL,
    requestor     TEXT NOT NULL,
    owner_account TEXT,
    version       INTEGER NOT NULL,
    doc           TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;

-- A policy template that an account registered, by its ARN.
CREATE TABLE iam_policy_template (
    arn       TEXT NOT NULL,
    requestor TEXT NOT NULL,
    version   INTEGER NOT NULL,
    doc       TEXT NOT NULL,
    PRIMARY KEY (arn)
) STRICT;

-- A role template with its versions, by its ARN.
CREATE TABLE iam_role_template (
    arn     TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (arn)
) STRICT;
