-- Encryption controls of VPCs: a mode and what is excluded from it; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_vpc_encryption_control (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    vpc_id  TEXT,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;
