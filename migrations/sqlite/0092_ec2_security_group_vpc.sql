-- Security groups that may be used in further VPCs; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_security_group_vpc_association (
    account  TEXT NOT NULL,
    region   TEXT NOT NULL,
    group_id TEXT NOT NULL,
    vpc_id   TEXT NOT NULL,
    version  INTEGER NOT NULL,
    doc      TEXT NOT NULL,
    PRIMARY KEY (account, region, group_id, vpc_id)
) STRICT;
