-- Runs of EC2's instances that are over, as Capacity Manager remembers them. Those of an instance lie together; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_capacity_use (
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    began_at     TEXT NOT NULL,
    version     INTEGER NOT NULL,
    doc         TEXT NOT NULL,
    PRIMARY KEY (account, region, instance_id, began_at)
) STRICT;
