-- Networks, security groups and key pairs. Keyed by account, region and id; doc is the record as JSON, version the shape of that JSON.

-- Where an account's default network was laid out once.
CREATE TABLE ec2_settled (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region)
) STRICT;

CREATE TABLE ec2_vpc (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;

CREATE TABLE ec2_dhcp_options (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;

CREATE TABLE ec2_subnet (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    vpc_id  TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id),
    FOREIGN KEY (account, region, vpc_id) REFERENCES ec2_vpc (account, region, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX ec2_subnet_vpc ON ec2_subnet (account, region, vpc_id);

CREATE TABLE ec2_route_table (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    vpc_id  TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id),
    FOREIGN KEY (account, region, vpc_id) REFERENCES ec2_vpc (account, region, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX ec2_route_table_vpc ON ec2_route_table (account, region, vpc_id);

CREATE TABLE ec2_network_acl (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    vpc_id  TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id),
    FOREIGN KEY (account, region, vpc_id) REFERENCES ec2_vpc (account, region, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX ec2_network_acl_vpc ON ec2_network_acl (account, region, vpc_id);

-- vpc_id is NULL for gateways that are attached to nothing.
CREATE TABLE ec2_internet_gateway (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    vpc_id  TEXT,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id),
    FOREIGN KEY (account, region, vpc_id) REFERENCES ec2_vpc (account, region, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX ec2_internet_gateway_vpc ON ec2_internet_gateway (account, region, vpc_id);

CREATE TABLE ec2_security_group (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    vpc_id  TEXT NOT NULL,
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id),
    FOREIGN KEY (account, region, vpc_id) REFERENCES ec2_vpc (account, region, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX ec2_security_group_vpc ON ec2_security_group (account, region, vpc_id);

CREATE TABLE ec2_security_group_rule (
    account  TEXT NOT NULL,
    region   TEXT NOT NULL,
    id       TEXT NOT NULL,
    group_id TEXT NOT NULL,
    version  INTEGER NOT NULL,
    doc      TEXT NOT NULL,
    PRIMARY KEY (account, region, id),
    FOREIGN KEY (account, region, group_id) REFERENCES ec2_security_group (account, region, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX ec2_security_group_rule_group ON ec2_security_group_rule (account, region, group_id);

-- No foreign keys here: there is one row for every instance, and the index a key needs would cost more than it guards.
-- instance_id is NULL for interfaces that are attached to nothing.
CREATE TABLE ec2_network_interface (
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    id          TEXT NOT NULL,
    subnet_id   TEXT NOT NULL,
    instance_id TEXT,
    version     INTEGER NOT NULL,
    doc         TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;

CREATE TABLE ec2_key_pair (
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    id      TEXT NOT NULL,
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (account, region, id)
) STRICT;
