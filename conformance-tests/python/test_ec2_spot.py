"""EC2's Spot requests, prices and data feed: each operation's effect, seen through another one, and who may not."""

import datetime

import pytest

from conftest import allow, error_of, image, launch, make_profile, make_user

TAGS = [{"Key": "team", "Value": "red"}]
SPOT = {"MarketType": "spot"}


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


def ask(ec2, count=1, **more):
    specification = {"ImageId": image(ec2), "InstanceType": "t3.micro", **more.pop("launch", {})}
    made = ec2.request_spot_instances(InstanceCount=count, LaunchSpecification=specification, **more)["SpotInstanceRequests"]
    return [one["SpotInstanceRequestId"] for one in made]


def seen(ec2, request_id):
    return ec2.describe_spot_instance_requests(SpotInstanceRequestIds=[request_id])["SpotInstanceRequests"][0]


def instance(ec2, instance_id):
    return ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]


def test_a_request_is_fulfilled_and_cancelled(server, ec2, metadata):
    devices = [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 6}}]
    made = ec2.request_spot_instances(SpotPrice="0.5", ClientToken="spot-1", TagSpecifications=tagged("spot-instances-request"), LaunchSpecification={
        "ImageId": image(ec2), "InstanceType": "t3.micro", "BlockDeviceMappings": devices})["SpotInstanceRequests"][0]
    assert (made["State"], made["Status"]["Code"], made["SpotPrice"], made["Type"]) == ("open", "pending-evaluation", "0.500000", "one-time")
    request = made["SpotInstanceRequestId"]
    server.advance("10s")
    ec2.get_waiter("spot_instance_request_fulfilled").wait(SpotInstanceRequestIds=[request])
    found = seen(ec2, request)
    assert (found["State"], found["Status"]["Code"], found["Tags"]) == ("active", "fulfilled", TAGS)
    assert found["LaunchSpecification"]["BlockDeviceMappings"] == devices
    held = instance(ec2, found["InstanceId"])
    assert (held["InstanceLifecycle"], held["SpotInstanceRequestId"]) == ("spot", request)
    assert held["Placement"]["AvailabilityZone"] == found["LaunchedAvailabilityZone"]
    server.advance("1m")
    assert metadata(found["InstanceId"]).get("/latest/meta-data/instance-life-cycle") == "spot"
    by_filter = ec2.describe_spot_instance_requests(Filters=[{"Name": "launch.block-device-mapping.volume-size", "Values": ["6"]}])
    assert [one["SpotInstanceRequestId"] for one in by_filter["SpotInstanceRequests"]] == [request]
    filters = [{"Name": "instance-lifecycle", "Values": ["spot"]}]
    assert len(ec2.describe_instances(Filters=filters)["Reservations"]) == 1
    assert ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[request])["CancelledSpotInstanceRequests"] == [
        {"SpotInstanceRequestId": request, "State": "cancelled"}]
    assert seen(ec2, request)["Status"]["Code"] == "request-canceled-and-instance-running"
    assert instance(ec2, found["InstanceId"])["State"]["Name"] == "running"
    ec2.terminate_instances(InstanceIds=[found["InstanceId"]])
    assert seen(ec2, request)["Status"]["Code"] == "instance-terminated-by-user"
    server.advance("5h")
    assert error_of(ec2.describe_spot_instance_requests, SpotInstanceRequestIds=[request])[0] == "InvalidSpotInstanceRequestID.NotFound"


def test_a_price_that_is_too_low(server, ec2):
    [request] = ask(ec2, SpotPrice="0.001")
    server.advance("10s")
    found = seen(ec2, request)
    assert (found["State"], found["Status"]["Code"]) == ("open", "price-too-low")
    ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[request])
    assert seen(ec2, request)["Status"]["Code"] == "canceled-before-fulfillment"
    refused = error_of(launch, ec2=ec2, InstanceMarketOptions={**SPOT, "SpotOptions": {"MaxPrice": "0.001"}})
    assert refused[0] == "SpotMaxPriceTooLow"


def server_time(server):
    return datetime.datetime.fromisoformat(server.admin("GET", "clock")["now"].replace("Z", "+00:00"))


def test_launches_on_the_market(server, ec2):
    once = launch(ec2, InstanceMarketOptions=SPOT, TagSpecifications=tagged("spot-instances-request"))
    server.advance("1m")
    request = instance(ec2, once)["SpotInstanceRequestId"]
    assert (seen(ec2, request)["InstanceId"], seen(ec2, request)["Tags"]) == (once, TAGS)
    assert error_of(ec2.stop_instances, InstanceIds=[once])[0] == "UnsupportedOperation"
    ec2.terminate_instances(InstanceIds=[once])
    assert seen(ec2, request)["State"] == "closed"
    options = {**SPOT, "SpotOptions": {"SpotInstanceType": "persistent", "InstanceInterruptionBehavior": "stop"}}
    again = launch(ec2, InstanceMarketOptions=options)
    server.advance("1m")
    request = instance(ec2, again)["SpotInstanceRequestId"]
    ec2.stop_instances(InstanceIds=[again])
    assert seen(ec2, request)["State"] == "disabled"
    server.advance("1m")
    ec2.start_instances(InstanceIds=[again])
    # The request is evaluated once more: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-request-status.html
    server.advance("10s")
    assert seen(ec2, request)["State"] == "active"
    ec2.create_launch_template(LaunchTemplateName="spot", LaunchTemplateData={"InstanceMarketOptions": options})
    templated = launch(ec2, LaunchTemplate={"LaunchTemplateName": "spot"})
    assert instance(ec2, templated)["InstanceLifecycle"] == "spot"
    assert ec2.get_launch_template_data(InstanceId=templated)["LaunchTemplateData"]["InstanceMarketOptions"]["SpotOptions"]["SpotInstanceType"] == "persistent"


def test_a_persistent_request_launches_again(server, ec2):
    [request] = ask(ec2, Type="persistent")
    server.advance("1m")
    first = seen(ec2, request)["InstanceId"]
    ec2.terminate_instances(InstanceIds=[first])
    server.advance("1m")
    found = seen(ec2, request)
    assert found["State"] == "active" and found["InstanceId"] != first
    assert instance(ec2, found["InstanceId"])["SpotInstanceRequestId"] == request
    server.admin("POST", f"instances/{found['InstanceId']}/interrupt", {})
    assert (seen(ec2, request)["State"], seen(ec2, request)["Status"]["Code"]) == ("open", "instance-terminated-no-capacity")
    server.advance("3m")
    assert (seen(ec2, request)["State"], seen(ec2, request)["InstanceId"] != found["InstanceId"]) == ("active", True)
    ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[request])
    ec2.terminate_instances(InstanceIds=[seen(ec2, request)["InstanceId"]])
    assert seen(ec2, request)["Status"]["Code"] == "instance-terminated-by-user"


def test_prices_are_the_same_again(server, ec2):
    now = server_time(server)
    asked = {"InstanceTypes": ["m5.large", "c5.large"], "ProductDescriptions": ["Linux/UNIX", "Windows"], "StartTime": now - datetime.timedelta(days=1)}
    pages = list(ec2.get_paginator("describe_spot_price_history").paginate(**asked, EndTime=now, PaginationConfig={"PageSize": 50}))
    prices = [one for page in pages for one in page["SpotPriceHistory"]]
    assert len(pages) > 2 and {one["InstanceType"] for one in prices} == {"m5.large", "c5.large"}
    times = [one["Timestamp"] for one in prices]
    assert times == sorted(times, reverse=True)
    server.advance("1m")
    again = ec2.describe_spot_price_history(**asked, EndTime=now)["SpotPriceHistory"]
    assert again == prices
    linux = {one["SpotPrice"] for one in prices if one["ProductDescription"] == "Linux/UNIX" and one["InstanceType"] == "m5.large"}
    windows = {one["SpotPrice"] for one in prices if one["ProductDescription"] == "Windows" and one["InstanceType"] == "m5.large"}
    assert len(linux) > 3 and max(map(float, linux)) < min(map(float, windows))


def test_a_data_feed(server, ec2):
    assert error_of(ec2.describe_spot_datafeed_subscription)[:2] == ("InvalidSpotDatafeed.NotFound", "Spot datafeed subscription does not exist.")
    made = ec2.create_spot_datafeed_subscription(Bucket="feed", Prefix="spot")["SpotDatafeedSubscription"]
    assert made == {"Bucket": "feed", "OwnerId": "000000000000", "Prefix": "spot", "State": "Active"}
    assert ec2.describe_spot_datafeed_subscription()["SpotDatafeedSubscription"] == made
    assert error_of(server.client("ec2", server.account("222222222222")).describe_spot_datafeed_subscription)[0] == "InvalidSpotDatafeed.NotFound"
    ec2.delete_spot_datafeed_subscription()
    assert error_of(ec2.delete_spot_datafeed_subscription)[0] == "InvalidSpotDatafeed.NotFound"


def test_who_may_not(server, ec2):
    iam = server.client("iam")
    [request] = ask(ec2, TagSpecifications=tagged("spot-instances-request"))
    mine = server.client("ec2", make_user(iam, "elsewhere", allow("ec2:*", "arn:aws:ec2:*:*:spot-instances-request/sir-00000000")))
    theirs = server.client("ec2", make_user(iam, "blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    specification = {"ImageId": image(ec2), "InstanceType": "t3.micro"}
    calls = [("request_spot_instances", {"LaunchSpecification": specification}), ("cancel_spot_instance_requests", {"SpotInstanceRequestIds": [request]}),
             ("describe_spot_instance_requests", {}), ("describe_spot_price_history", {}), ("create_spot_datafeed_subscription", {"Bucket": "b"}),
             ("describe_spot_datafeed_subscription", {}), ("delete_spot_datafeed_subscription", {})]
    for operation, parameters in calls:
        assert error_of(getattr(mine, operation), **parameters)[0] == "UnauthorizedOperation", operation
        assert error_of(getattr(theirs, operation), **parameters)[0] == "UnauthorizedOperation", operation
    make_profile(iam, "spot-role")
    user = server.client("ec2", make_user(
        iam, "conditions", allow(["ec2:RequestSpotInstances", "ec2:DescribeImages"]), {"Effect": "Deny", "Action": "ec2:RequestSpotInstances", "Resource": "arn:aws:ec2:*:*:key-pair/*"},
        allow("ec2:RunInstances"), {"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:instance/*",
                                    "Condition": {"StringNotEquals": {"ec2:InstanceMarketType": "spot"}}}))
    assert ask(user)
    assert error_of(ask, ec2=user, launch={"IamInstanceProfile": {"Name": "spot-role"}})[0] == "UnauthorizedOperation", "no role may be passed"
    assert error_of(ask, ec2=user, launch={"KeyName": "k"})[0] == "UnauthorizedOperation"
    assert error_of(ask, ec2=user, TagSpecifications=tagged("spot-instances-request"))[0] == "UnauthorizedOperation"
    arguments = {"ImageId": image(ec2), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    assert error_of(user.run_instances, **arguments)[0] == "UnauthorizedOperation"
    assert user.run_instances(**arguments, InstanceMarketOptions=SPOT)["Instances"][0]["InstanceLifecycle"] == "spot"
    assert error_of(ec2.cancel_spot_instance_requests, SpotInstanceRequestIds=[request], DryRun=True)[0] == "DryRunOperation"
    assert error_of(server.client("ec2", region="eu-west-1").describe_spot_instance_requests, SpotInstanceRequestIds=[request])[0] == "InvalidSpotInstanceRequestID.NotFound"
