-- EC2's tasks that export instances. An account's tasks in a region lie together; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_export_instance_task (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;
