-- The organisation: its tree and its policies, in one document.

CREATE TABLE organization (
    id      TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;

-- The features of centralised root access that are enabled in it.
CREATE TABLE iam_root_access (
    organization TEXT NOT NULL PRIMARY KEY,
    version      INTEGER NOT NULL,
    doc          TEXT NOT NULL
) STRICT;

-- Reports of GenerateOrganizationsAccessReport.
CREATE TABLE iam_organization_report (
    account TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, id)
) STRICT;

-- Each account's issuer of web identity tokens with its keys.
CREATE TABLE iam_token_issuer (
    account   TEXT NOT NULL PRIMARY KEY,
    issuer_id TEXT NOT NULL,
    version   INTEGER NOT NULL,
    doc       TEXT NOT NULL
) STRICT;
