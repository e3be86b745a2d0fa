-- Spot requests, keyed by account, region and id, and the Spot data feed of each account; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_spot_request (
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    id          TEXT NOT NULL,
    instance_id TEXT,
    version     INTEGER NOT NULL,
    doc         TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;

CREATE TABLE ec2_spot_datafeed (
    account TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;
