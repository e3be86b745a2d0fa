"""Adds partitions to the table of a flow log, one for each day or hour: when the stack is made those asked for, by schedule those to come."""

import datetime
import os
import time

import boto3
import cfnresponse

SETTING = os.environ
STEP = datetime.timedelta(hours=1 if SETTING["HOURLY"] == "true" else 24)
NAMES = ("year", "month", "day", "hour")[:4 if SETTING["HOURLY"] == "true" else 3]
AT_ONCE = 500

athena = boto3.client("athena")


def to_come():
    today = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    return today, today + datetime.timedelta(days=int(SETTING["DAYS"]))


def asked_for():
    first, last = SETTING["FIRST"], SETTING["LAST"]
    if not first and not last:
        return to_come()
    coming = to_come()
    return (datetime.datetime.fromisoformat(first) if first else coming[0],
            datetime.datetime.fromisoformat(last) if last else coming[1])


def partition(moment):
    values = moment.strftime("%Y %m %d %H").split()[:len(NAMES)]
    keys = ", ".join(f"`{name}` = '{value}'" for name, value in zip(NAMES, values))
    steps = [f"{name}={value}" for name, value in zip(NAMES, values)] if SETTING["HIVE"] == "true" else values
    return f"PARTITION ({keys}) LOCATION '{SETTING['LOCATION']}{'/'.join(steps)}/'"


def run(query):
    started = athena.start_query_execution(QueryString=query, WorkGroup=SETTING["WORKGROUP"])["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
        if status["State"] == "SUCCEEDED":
            return
        if status["State"] in ("FAILED", "CANCELLED"):
            raise RuntimeError(status.get("StateChangeReason", status["State"]))
        time.sleep(1)


def load(first, last):
    moment = first.replace(minute=0, second=0, microsecond=0)
    if SETTING["HOURLY"] != "true":
        moment = moment.replace(hour=0)
    found = []
    while moment <= last:
        found.append(partition(moment))
        moment += STEP
    for begin in range(0, len(found), AT_ONCE):
        run(f"ALTER TABLE `{SETTING['DATABASE']}`.`{SETTING['TABLE']}` ADD IF NOT EXISTS " + " ".join(found[begin:begin + AT_ONCE]))


def handler(event, context):
    if "RequestType" not in event:
        load(*to_come())
        return
    status = cfnresponse.SUCCESS
    try:
        if event["RequestType"] != "Delete":
            load(*asked_for())
    except Exception as error:
        print(error)
        status = cfnresponse.FAILED
    cfnresponse.send(event, context, status, {})
