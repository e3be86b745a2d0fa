-- Parts of subnets that nobody gets by chance. Keyed by account, region and id; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_subnet_cidr_reservation (
    account   TEXT NOT NULL,
    region    TEXT NOT NULL,
    id        TEXT NOT NULL,
    subnet_id TEXT,
    version   INTEGER NOT NULL,
    doc       TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;
