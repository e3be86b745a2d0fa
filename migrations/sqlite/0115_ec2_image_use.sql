-- Images that are launched fast, and reports of who uses an image; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_fast_launch (
    account  TEXT NOT NULL,
    region   TEXT NOT NULL,
    image_id TEXT NOT NULL,
    version  INTEGER NOT NULL,
    doc      TEXT NOT NULL,
    PRIMARY KEY (account, region, image_id)
) STRICT;

CREATE TABLE ec2_image_usage_report (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;
