-- Images that were stored as S3 objects; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_stored_image (
    account    TEXT NOT NULL,
    region     TEXT NOT NULL,
    bucket     TEXT NOT NULL,
    object_key TEXT NOT NULL,
    version    INTEGER NOT NULL,
    doc        TEXT NOT NULL,
    PRIMARY KEY (account, region, bucket, object_key)
) STRICT;
