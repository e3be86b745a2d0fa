"""Whether an operation is built, for tests that must not forget one."""

import datetime
import re

from botocore import xform_name


def is_built(client, name):
    """Whether it answers anything but 501, whatever else is wrong with the request. The client must not check parameters."""
    shape = client.meta.service_model.operation_model(name).input_shape
    try:
        getattr(client, xform_name(name))(**{member: smallest(shape.members[member]) for member in (shape.required_members if shape else ())})
    except client.exceptions.ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] != 501
    return True


def smallest(shape):
    """A value of that shape with little in it; an empty structure would not be sent."""
    if shape.type_name == "structure":
        return {name: smallest(shape.members[name]) for name in shape.required_members or list(shape.members)[:1]}
    if shape.type_name == "list":
        return [smallest(shape.member)]
    if shape.type_name == "string":
        return text(shape)
    plain = {"boolean": True, "timestamp": datetime.datetime(2026, 1, 1)}
    return plain.get(shape.type_name, shape.metadata.get("min", 5))


def text(shape):
    """A text of that shape. Of patterns, counted classes are understood: `fcap-[a-f0-9]{17}`."""
    if shape.enum:
        return shape.enum[0]
    counted = re.sub(r"\[[^]]*\]\{(\d+)\}", lambda found: "0" * int(found[1]), shape.metadata.get("pattern", ""))
    return counted if re.fullmatch(r"[\w-]+", counted) else "sample".ljust(shape.metadata.get("min", 0), "x")
