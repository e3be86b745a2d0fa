-- Fast snapshot restores by snapshot and zone, and tasks that replace root volumes. Keyed by account, region and ids; doc is the record as JSON, version
-- the shape of that JSON.

CREATE TABLE ec2_fast_snapshot_restore (
    account  TEXT NOT NULL,
    region   TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    zone     TEXT NOT NULL,
    version  INTEGER NOT NULL,
    doc      TEXT NOT NULL,
    PRIMARY KEY (account, region, snapshot, zone)
) STRICT;

CREATE TABLE ec2_replace_root_volume_task (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;
