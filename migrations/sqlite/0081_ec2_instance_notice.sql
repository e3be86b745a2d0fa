-- What instances are told of their future, and events that are scheduled for them. Keyed by account, region and id; doc is the record as JSON,
-- version the shape of that JSON.

-- id is the instance's; there is a row only for instances that have a notice.
CREATE TABLE ec2_instance_notice (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;

CREATE TABLE ec2_instance_event (
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    id          TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    version     INTEGER NOT NULL,
    doc         TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;
