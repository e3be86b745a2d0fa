-- Files that EC2's operations left in buckets of S3. A bucket's name is of one account in all the world, so whose the file is does not make part of the key; doc
-- is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_s3_file (
    bucket     TEXT NOT NULL,
    object_key TEXT NOT NULL,
    version    INTEGER NOT NULL,
    doc        TEXT NOT NULL,
    PRIMARY KEY (bucket, object_key)
) STRICT;
