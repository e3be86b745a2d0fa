-- Instances of IAM Identity Center that the admin API tells of; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE identity_center_instance (
    arn     TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (arn)
) STRICT;
