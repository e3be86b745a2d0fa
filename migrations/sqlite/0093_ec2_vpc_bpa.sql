-- VPC Block Public Access: the mode of an account's region, and what is exempt; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_vpc_bpa_options (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region)
) STRICT;

CREATE TABLE ec2_vpc_bpa_exclusion (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;
