-- EC2's exports of what Capacity Manager gathers. An account's in a region lie together; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_capacity_data_export (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;
