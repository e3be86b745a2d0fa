"""Metric categories: kept, given to instances and taken from them, and who may not."""

import pytest

from conftest import allow, error_of, image, launch, make_user

TAGS = [{"Key": "team", "Value": "red"}]


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


def new_category(ec2, *metrics, **more):
    return ec2.create_metric_category(Metrics=list(metrics or ["NetworkIn"]), **more)["MetricCategory"]["MetricCategoryId"]


def monitoring(ec2, instance):
    return ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["Monitoring"]


def test_a_category_is_made_changed_and_deleted(server, ec2):
    tagged = [{"ResourceType": "metric-category", "Tags": TAGS}]
    made = ec2.create_metric_category(Metrics=["NetworkIn", "system.cpu.time"], TagSpecifications=tagged, ClientToken="category-1")["MetricCategory"]
    again = ec2.create_metric_category(Metrics=["NetworkIn", "system.cpu.time"], TagSpecifications=tagged, ClientToken="category-1")["MetricCategory"]
    name = made["MetricCategoryId"]
    assert made == again == {"MetricCategoryId": name, "Metrics": ["NetworkIn", "system.cpu.time"], "Tags": TAGS}
    assert ec2.describe_metric_categories(MetricCategoryIds=[name])["MetricCategories"] == [made]
    by = lambda metric: [one["MetricCategoryId"] for one in ec2.describe_metric_categories(
        Filters=[{"Name": "metric-name", "Values": [metric]}])["MetricCategories"]]
    assert name in by("system.cpu.*") and name not in by("NetworkOut")
    changed = ec2.modify_metric_category(MetricCategoryId=name, Metrics=["NetworkOut"])["MetricCategory"]
    assert changed["Metrics"] == ["NetworkOut"] and name in by("NetworkOut") and name not in by("NetworkIn")
    assert error_of(ec2.modify_metric_category, MetricCategoryId=name, Metrics=["NetworkOut"])[:2] == (
        "InvalidParameterValue", "The metrics that you specify must differ from the current metrics of the metric category.")
    ec2.create_tags(Resources=[name], Tags=[{"Key": "team", "Value": "blue"}])
    assert ec2.describe_metric_categories(MetricCategoryIds=[name])["MetricCategories"][0]["Tags"][0]["Value"] == "blue"
    assert error_of(server.client("ec2", region="eu-west-1").delete_metric_category, MetricCategoryId=name)[0] == "InvalidMetricCategoryId.NotFound"
    assert ec2.delete_metric_category(MetricCategoryId=name)["MetricCategoryId"] == name
    assert error_of(ec2.delete_metric_category, MetricCategoryId=name)[0] == "InvalidMetricCategoryId.NotFound"


def test_instances_have_categories(server, ec2):
    first, second = new_category(ec2), new_category(ec2, "NetworkOut")
    instance = launch(ec2, Monitoring={"Enabled": True, "MetricCategoryIds": [first]})
    assert monitoring(ec2, instance) == {"State": "enabled", "MetricCategoryIds": [first]}
    answer = ec2.monitor_instances(InstanceIds=[instance], MetricCategoryIds=[second, first])["InstanceMonitorings"]
    assert answer == [{"InstanceId": instance, "Monitoring": {"State": "enabled", "MetricCategoryIds": [first, second]}}]
    ec2.unmonitor_instances(InstanceIds=[instance], MetricCategoryIds=[first])
    assert monitoring(ec2, instance) == {"State": "enabled", "MetricCategoryIds": [second]}
    data = ec2.get_launch_template_data(InstanceId=instance)["LaunchTemplateData"]["Monitoring"]
    assert data == {"Enabled": True, "MetricCategoryIds": [second]}
    ec2.delete_metric_category(MetricCategoryId=second)
    assert monitoring(ec2, instance) == {"State": "enabled"}
    ec2.monitor_instances(InstanceIds=[instance], MetricCategoryIds=[first])
    ec2.unmonitor_instances(InstanceIds=[instance])
    server.advance("1m")
    assert monitoring(ec2, instance) == {"State": "disabled"}
    ec2.monitor_instances(InstanceIds=[instance], MetricCategoryIds=[first])
    server.advance("1m")
    assert monitoring(ec2, instance) == {"State": "enabled", "MetricCategoryIds": [first]}

    wish = {"ImageId": image(ec2), "InstanceType": "t3.micro", "Monitoring": {"Enabled": True, "MetricCategoryIds": [first]}}
    template = ec2.create_launch_template(LaunchTemplateName="with-metrics", LaunchTemplateData=wish)["LaunchTemplate"]["LaunchTemplateId"]
    launched = ec2.run_instances(LaunchTemplate={"LaunchTemplateId": template}, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    assert monitoring(ec2, launched)["MetricCategoryIds"] == [first]
    unknown = {"Enabled": True, "MetricCategoryIds": ["mc-0123456789abcdef0"]}
    assert error_of(launch, ec2=ec2, Monitoring=unknown)[0] == "InvalidMetricCategoryId.NotFound"


def test_who_may_not(server, ec2):
    iam = server.client("iam")
    name = new_category(ec2, TagSpecifications=[{"ResourceType": "metric-category", "Tags": TAGS}])
    calls = [("create_metric_category", {"Metrics": ["NetworkIn"]}), ("modify_metric_category", {"MetricCategoryId": name, "Metrics": ["NetworkOut"]}),
             ("delete_metric_category", {"MetricCategoryId": name})]
    mine = server.client("ec2", make_user(iam, "metrics-elsewhere", allow("ec2:*", "arn:aws:ec2:*:*:metric-category/mc-0000000000000000f")))
    blue = server.client("ec2", make_user(iam, "metrics-blue", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})))
    for user in (mine, blue):
        for operation, parameters in [*calls, ("describe_metric_categories", {})]:
            assert error_of(getattr(user, operation), **parameters)[0] == "UnauthorizedOperation", operation
    red = server.client("ec2", make_user(iam, "metrics-red", allow("ec2:*", Condition={"StringEquals": {"aws:ResourceTag/team": "red"}})))
    red.modify_metric_category(MetricCategoryId=name, Metrics=["NetworkOut"])
    untagged = server.client("ec2", make_user(iam, "metrics-untagged", allow("ec2:CreateMetricCategory")))
    tagged = [{"ResourceType": "metric-category", "Tags": TAGS}]
    assert error_of(untagged.create_metric_category, Metrics=["NetworkIn"], TagSpecifications=tagged)[0] == "UnauthorizedOperation"
    assert error_of(ec2.delete_metric_category, MetricCategoryId=name, DryRun=True)[0] == "DryRunOperation"
