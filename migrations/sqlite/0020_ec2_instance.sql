-- Instances and what hangs on them. Keyed by account, region and id; doc is the record as JSON, version the shape of that JSON.

-- subnet_id is NULL for terminated instances.
CREATE TABLE ec2_instance (
    account   TEXT NOT NULL,
    region    TEXT NOT NULL,
    id        TEXT NOT NULL,
    subnet_id TEXT,
    version   INTEGER NOT NULL,
    doc       TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;

-- instance_id is NULL for volumes that are attached to nothing.
CREATE TABLE ec2_volume (
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    id          TEXT NOT NULL,
    instance_id TEXT,
    version     INTEGER NOT NULL,
    doc         TEXT NOT NULL,
    PRIMARY KEY (account, region, id),
    FOREIGN KEY (account, region, instance_id) REFERENCES ec2_instance (account, region, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX ec2_volume_instance ON ec2_volume (account, region, instance_id);

CREATE TABLE ec2_profile_association (
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    id          TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    version     INTEGER NOT NULL,
    doc         TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;

-- Client tokens that were used; scope is the operation, with the zone where tokens count per zone.
CREATE TABLE ec2_client_token (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    scope   TEXT NOT NULL,
    token   TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, scope, token)
) STRICT;
