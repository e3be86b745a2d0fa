-- Address ranges that accounts brought. Keyed by the block; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_byoip_cidr (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    cidr    TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, cidr)
) STRICT;
