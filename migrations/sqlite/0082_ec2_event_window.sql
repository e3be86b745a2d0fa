-- When scheduled events of instances may run, and which tags their notifications carry.

CREATE TABLE ec2_instance_event_window (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;

CREATE TABLE ec2_event_notification (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region)
) STRICT;
