-- Launch templates and their versions (number: ten digits). Keyed by account, region and id; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_launch_template (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;

CREATE TABLE ec2_launch_template_version (
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    template_id TEXT NOT NULL,
    number      TEXT NOT NULL,
    version     INTEGER NOT NULL,
    doc         TEXT NOT NULL,
    PRIMARY KEY (account, region, template_id, number),
    FOREIGN KEY (account, region, template_id) REFERENCES ec2_launch_template (account, region, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
