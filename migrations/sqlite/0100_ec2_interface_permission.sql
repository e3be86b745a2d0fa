-- What accounts were granted on others' network interfaces. Keyed by the interface's account, region and id; doc is the record as JSON, version the shape
-- of that JSON.

CREATE TABLE ec2_interface_permission (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;
