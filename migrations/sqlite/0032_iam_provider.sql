-- Identity providers outside AWS, each keyed by its account and the name its ARN ends in.

CREATE TABLE iam_oidc_provider (
    account TEXT NOT NULL,
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, name)
) STRICT;

CREATE TABLE iam_saml_provider (
    account TEXT NOT NULL,
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, name)
) STRICT;

-- Keys of issuers of web identity tokens, put in by the admin API for issuers that cannot be asked.
CREATE TABLE oidc_key_set (
    issuer  TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;
