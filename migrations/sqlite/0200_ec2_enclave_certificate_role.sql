-- Roles that are associated with certificates for enclaves. An account's associations in a region lie together, those of a certificate among them; doc is the record as
-- JSON, version the shape of that JSON.

CREATE TABLE ec2_enclave_certificate_role (
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    certificate TEXT NOT NULL,
    role        TEXT NOT NULL,
    version     INTEGER NOT NULL,
    doc         TEXT NOT NULL,
    PRIMARY KEY (account, region, certificate, role)
) STRICT;
