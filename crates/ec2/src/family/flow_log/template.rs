//! A template of CloudFormation for a flow log: a database with a table for each integration that is asked for, whose columns are the fields of the log's
//! records, a work group, queries to begin with, and a function that adds partitions (`load_partitions.py`) when the stack is made and by schedule.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-glue-table.html>

use serde_json::{Map, Value, json};
use service::prelude::*;

use crate::family::Item;

const LOADER: &str = include_str!("load_partitions.py");

/// A table to make, with its work group.
#[derive(Debug)]
pub struct Integration {
    /// Where results of queries go.
    pub bucket: String,
    pub path: String,
    /// `none`, `daily`, `weekly` or `monthly`
    pub frequency: String,
    /// Of which time partitions are there from the beginning.
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
}

impl Integration {
    /// When partitions are added, and for how many days to come.
    fn schedule(&self) -> Option<(&'static str, u8)> {
        match self.frequency.as_str() {
            "daily" => Some(("cron(0 0 * * ? *)", 1)),
            "weekly" => Some(("cron(0 0 ? * SUN *)", 7)),
            "monthly" => Some(("cron(0 0 1 * ? *)", 31)),
            _ => None,
        }
    }

    /// AWS documents what names are made up of; here the parts hold what names in Athena may hold.
    fn stem(&self, flow_log: &str) -> String {
        let time = |time: &Timestamp| time.strftime("%Y%m%d%H%M").to_string();
        let times: String = self.first.iter().chain(&self.last).map(time).collect();
        format!("{flow_log}{}{times}", self.frequency)
    }
}

/// A query to begin with, for logs whose records have its fields. `{}` is the table.
struct Query {
    name: &'static str,
    description: &'static str,
    fields: &'static [&'static str],
    text: &'static str,
}

/// `start` and `end` are no columns of these: they are words of the language.
const QUERIES: &[Query] = &[
    Query {
        name: "AcceptedTraffic",
        description: "who sent most of what was accepted, to which ports",
        fields: &["action", "srcaddr", "dstaddr", "dstport", "bytes"],
        text: "SELECT srcaddr, dstaddr, dstport, sum(bytes) AS total FROM {} WHERE action = 'ACCEPT' GROUP BY srcaddr, dstaddr, dstport ORDER BY total DESC LIMIT 50",
    },
    Query {
        name: "RejectedTraffic",
        description: "who was rejected most often, at which ports",
        fields: &["action", "srcaddr", "dstaddr", "dstport"],
        text: "SELECT srcaddr, dstaddr, dstport, count(*) AS records FROM {} WHERE action = 'REJECT' GROUP BY srcaddr, dstaddr, dstport ORDER BY records DESC LIMIT 50",
    },
    Query {
        name: "TopTalkers",
        description: "the addresses between which most bytes went",
        fields: &["srcaddr", "dstaddr", "bytes"],
        text: "SELECT srcaddr, dstaddr, sum(bytes) AS total FROM {} GROUP BY srcaddr, dstaddr ORDER BY total DESC LIMIT 50",
    },
    Query {
        name: "PortsInUse",
        description: "the protocols and ports that most bytes went to",
        fields: &["protocol", "dstport", "bytes"],
        text: "SELECT protocol, dstport, sum(bytes) AS total FROM {} GROUP BY protocol, dstport ORDER BY total DESC LIMIT 50",
    },
    Query {
        name: "AdministrationTraffic",
        description: "who reached for SSH and remote desktops, and whether in vain",
        fields: &["srcaddr", "dstaddr", "dstport", "action"],
        text: "SELECT srcaddr, dstaddr, dstport, action, count(*) AS records FROM {} WHERE dstport IN (22, 3389) GROUP BY srcaddr, dstaddr, dstport, action ORDER BY records DESC LIMIT 50",
    },
    Query {
        name: "InstanceTraffic",
        description: "the instances that had most traffic",
        fields: &["instance-id", "bytes"],
        text: "SELECT instance_id, sum(bytes) AS total FROM {} GROUP BY instance_id ORDER BY total DESC LIMIT 50",
    },
    Query {
        name: "ZoneTraffic",
        description: "how much traffic each availability zone had",
        fields: &["az-id", "bytes"],
        text: "SELECT az_id, sum(bytes) AS total FROM {} GROUP BY az_id ORDER BY total DESC",
    },
];

/// The fields of a record, in their order: `${version} ${account-id}` has two.
fn fields(format: &str) -> Vec<&str> {
    format.split("${").skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name)).collect()
}

/// What a field holds. <https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html>
fn type_of(field: &str) -> &'static str {
    match field {
        "bytes" | "end" | "packets" | "start" => "bigint",
        "dstport" | "protocol" | "srcport" | "tcp-flags" | "traffic-path" | "version" => "int",
        _ => "string",
    }
}

fn column(name: &str, sort: &str) -> Value {
    json!({"Name": name.replace('-', "_"), "Type": sort})
}

/// What a flow log's files are like.
struct Log<'a> {
    id: String,
    fields: Vec<&'a str>,
    bucket: &'a str,
    /// Under which its partitions are.
    location: String,
    parquet: bool,
    hive: bool,
    hourly: bool,
}

impl<'a> Log<'a> {
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html>
    fn of(cx: &Cx, item: &'a Item, (bucket, path): (&'a str, &str)) -> Log<'a> {
        let option = |name: &str| item.document.truth(&format!("DestinationOptions.{name}")) == Some(true);
        let hive = option("HiveCompatiblePartitions");
        let (account, region) = (cx.account(), cx.region_name());
        let within = match hive {
            true => format!("aws-account-id={account}/aws-service=vpcflowlogs/aws-region={region}"),
            false => format!("{account}/vpcflowlogs/{region}"),
        };
        let path = if path.is_empty() { String::new() } else { format!("{path}/") };
        Log {
            id: item.id.replace('-', ""),
            fields: fields(item.document.text("LogFormat").unwrap_or_default()),
            bucket,
            location: format!("s3://{bucket}/{path}AWSLogs/{within}/"),
            parquet: item.document.text("DestinationOptions.FileFormat") == Some("parquet"),
            hive,
            hourly: option("PerHourPartition"),
        }
    }

    fn database(&self) -> String {
        format!("vpcflowlogsathenadatabase{}", self.id)
    }

    fn table(&self, name: &str) -> Value {
        let (input, output, library) = match self.parquet {
            true => (
                "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
            ),
            false => (
                "org.apache.hadoop.mapred.TextInputFormat",
                "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            ),
        };
        let parameters = if self.parquet { json!({}) } else { json!({"skip.header.line.count": "1"}) };
        let how = if self.parquet { json!({}) } else { json!({"field.delim": " ", "serialization.format": " "}) };
        let columns: Vec<Value> = self.fields.iter().map(|field| column(field, type_of(field))).collect();
        let partitions = ["year", "month", "day"].into_iter().chain(self.hourly.then_some("hour"));
        resource(
            "AWS::Glue::Table",
            json!({
                "CatalogId": {"Ref": "AWS::AccountId"},
                "DatabaseName": {"Ref": "Database"},
                "TableInput": {
                    "Name": name,
                    "TableType": "EXTERNAL_TABLE",
                    "Parameters": parameters,
                    "PartitionKeys": partitions.map(|name| column(name, "string")).collect::<Vec<_>>(),
                    "StorageDescriptor": {
                        "Columns": columns,
                        "Location": self.location,
                        "InputFormat": input,
                        "OutputFormat": output,
                        "SerdeInfo": {"SerializationLibrary": library, "Parameters": how},
                    },
                },
            }),
        )
    }

    /// What the function that adds partitions may do.
    fn role(&self, workgroup: &str, results: &str) -> Value {
        let sub = |text: String| json!({"Fn::Sub": text});
        let catalogue =
            |what: &str| sub(format!("arn:${{AWS::Partition}}:glue:${{AWS::Region}}:${{AWS::AccountId}}:{what}"));
        let bucket = |name: &str| sub(format!("arn:${{AWS::Partition}}:s3:::{name}"));
        let tables = format!("table/{}/*", self.database());
        let statements = json!([
            {"Effect": "Allow", "Action": ["athena:GetQueryExecution", "athena:StartQueryExecution"],
             "Resource": sub(format!("arn:${{AWS::Partition}}:athena:${{AWS::Region}}:${{AWS::AccountId}}:workgroup/{workgroup}"))},
            {"Effect": "Allow", "Action": ["glue:BatchCreatePartition", "glue:CreatePartition", "glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable"],
             "Resource": [catalogue("catalog"), catalogue(&format!("database/{}", self.database())), catalogue(&tables)]},
            {"Effect": "Allow", "Action": ["s3:GetBucketLocation", "s3:ListBucket"], "Resource": [bucket(self.bucket), bucket(results)]},
            {"Effect": "Allow", "Action": ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], "Resource": bucket(&format!("{results}/*"))},
        ]);
        let trust =
            json!([{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]);
        let logging = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        resource(
            "AWS::IAM::Role",
            json!({
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": trust},
                "ManagedPolicyArns": [sub(logging.to_owned())],
                "Policies": [{"PolicyName": "partitions", "PolicyDocument": policy}],
            }),
        )
    }
}

fn resource(sort: &str, properties: Value) -> Value {
    json!({"Type": sort, "Properties": properties})
}

fn attribute(resource: &str) -> Value {
    json!({"Fn::GetAtt": [resource, "Arn"]})
}

/// The template for the flow log, whose files are in that bucket under that path.
pub fn of(cx: &Cx, item: &Item, logs: (&str, &str), integrations: &[Integration]) -> Value {
    let log = Log::of(cx, item, logs);
    let mut resources = Map::new();
    let database = json!({"CatalogId": {"Ref": "AWS::AccountId"}, "DatabaseInput": {"Name": log.database()}});
    resources.insert("Database".to_owned(), resource("AWS::Glue::Database", database));
    let mut stems: Vec<String> = Vec::new();
    for (number, integration) in (1..).zip(integrations) {
        let stem = integration.stem(&log.id);
        let like = stems.iter().filter(|other| **other == stem).count();
        let table = if like == 0 { stem.clone() } else { format!("{stem}_{}", like + 1) };
        stems.push(stem);
        let part = Part { log: &log, integration, number, table };
        resources.extend(part.resources().into_iter().map(|(name, resource)| (part.named(&name), resource)));
    }
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("Athena reads the flow log {}", item.id),
        "Resources": resources,
    })
}

/// What one integration adds to the template.
struct Part<'a> {
    log: &'a Log<'a>,
    integration: &'a Integration,
    number: usize,
    /// The table's name.
    table: String,
}

impl Part<'_> {
    /// How the template calls a resource of this part.
    fn named(&self, what: &str) -> String {
        format!("Integration{}{what}", self.number)
    }

    fn workgroup(&self) -> String {
        format!("{}workgroup", self.table)
    }

    fn resources(&self) -> Vec<(String, Value)> {
        let always = [
            ("Table", self.log.table(&self.table)),
            ("WorkGroup", self.work_group()),
            ("Role", self.log.role(&self.workgroup(), &self.integration.bucket)),
            ("Function", self.function()),
            ("Partitions", self.partitions()),
        ];
        let all = always.into_iter().chain(self.schedule()).map(|(name, resource)| (name.to_owned(), resource));
        all.chain(self.queries()).collect()
    }

    fn work_group(&self) -> Value {
        let results = match self.integration.path.as_str() {
            "" => format!("s3://{}/", self.integration.bucket),
            path => format!("s3://{}/{path}/", self.integration.bucket),
        };
        resource(
            "AWS::Athena::WorkGroup",
            json!({
                "Name": self.workgroup(),
                "RecursiveDeleteOption": true,
                "WorkGroupConfiguration": {
                    "EnforceWorkGroupConfiguration": true,
                    "ResultConfiguration": {"OutputLocation": results},
                },
            }),
        )
    }

    fn function(&self) -> Value {
        let time = |time: Option<Timestamp>| time.map(|time| time.strftime("%Y-%m-%dT%H:%M:%S").to_string());
        let variables = json!({
            "DATABASE": self.log.database(),
            "TABLE": self.table,
            "WORKGROUP": self.workgroup(),
            "LOCATION": self.log.location,
            "HIVE": self.log.hive.to_string(),
            "HOURLY": self.log.hourly.to_string(),
            "DAYS": self.integration.schedule().map_or(0, |(_, days)| days).to_string(),
            "FIRST": time(self.integration.first).unwrap_or_default(),
            "LAST": time(self.integration.last).unwrap_or_default(),
        });
        resource(
            "AWS::Lambda::Function",
            json!({
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": attribute(&self.named("Role")),
                "Timeout": 900,
                "Environment": {"Variables": variables},
                "Code": {"ZipFile": LOADER},
            }),
        )
    }

    /// The partitions that are there from the beginning: making this calls the function.
    fn partitions(&self) -> Value {
        json!({
            "Type": "Custom::Partitions",
            "DependsOn": [self.named("Table"), self.named("WorkGroup")],
            "Properties": {"ServiceToken": attribute(&self.named("Function"))},
        })
    }

    fn schedule(&self) -> Vec<(&'static str, Value)> {
        let Some((when, _)) = self.integration.schedule() else { return Vec::new() };
        let target = json!({"Id": "partitions", "Arn": attribute(&self.named("Function"))});
        let permission = json!({
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": self.named("Function")},
            "Principal": "events.amazonaws.com",
            "SourceArn": attribute(&self.named("Schedule")),
        });
        vec![
            ("Schedule", resource("AWS::Events::Rule", json!({"ScheduleExpression": when, "Targets": [target]}))),
            ("SchedulePermission", resource("AWS::Lambda::Permission", permission)),
        ]
    }

    /// Those queries whose fields the log has.
    fn queries(&self) -> impl Iterator<Item = (String, Value)> {
        let from = format!("\"{}\".\"{}\"", self.log.database(), self.table);
        let fit = |query: &&Query| query.fields.iter().all(|field| self.log.fields.contains(field));
        QUERIES.iter().filter(fit).map(move |query| {
            let properties = json!({
                "Name": format!("VpcFlowLogs{}", query.name),
                "Description": query.description,
                "Database": {"Ref": "Database"},
                "WorkGroup": {"Ref": self.named("WorkGroup")},
                "QueryString": query.text.replace("{}", &from),
            });
            (format!("Query{}", query.name), resource("AWS::Athena::NamedQuery", properties))
        })
    }
}
