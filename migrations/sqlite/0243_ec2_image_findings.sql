-- What Amazon Inspector found in EC2's images, as it was told. Those of a region lie together; doc is the record as JSON, version the shape of that JSON.

CREATE TABLE ec2_image_findings (
    region   TEXT NOT NULL,
    image_id TEXT NOT NULL,
    version  INTEGER NOT NULL,
    doc      TEXT NOT NULL,
    PRIMARY KEY (region, image_id)
) STRICT;
