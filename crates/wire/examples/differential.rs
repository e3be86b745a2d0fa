//! Lets another program ask what the wire understands and writes: a JSON request a line in, a JSON answer a line out.
//!
//! `{"service", "operation", "form"}` gives `{"value"}` or `{"violations"}`, `{"service", "operation", "answer"}` gives `{"written"}`, as JSON in
//! the manner of STS if there is also `"as": "json"`; what is no form or does not fit the model gives `{"error"}`. conformance-tests/wire compares that with what an SDK's own
//! serializer and parser make of the same values. With the argument `timing` it measures one decoding and one encoding instead.

use std::collections::HashMap;
use std::error::Error;
use std::hint::black_box;
use std::io::{BufWriter, Write, stdin, stdout};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Instant;

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};
use serde_json::{Value as Json, json};
use wire::{Kind, Model, Operation, Params, Service, ShapeId};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    if std::env::args().nth(1).as_deref() == Some("timing") {
        return timing();
    }
    let mut out = BufWriter::new(stdout().lock());
    for line in stdin().lines() {
        writeln!(out, "{}", respond(&serde_json::from_str(&line?)?)?)?;
    }
    Ok(out.flush()?)
}

fn respond(request: &Json) -> Outcome<Json> {
    let text = |name: &str| request.get(name).and_then(Json::as_str);
    let service = Service::ALL.into_iter().find(|service| text("service") == Some(service.as_str()));
    let model = wire::model(service.ok_or("no such service")?);
    let operation = model.operation(text("operation").unwrap_or_default()).ok_or("no such operation")?;
    match (text("form"), request.get("answer")) {
        (Some(form), _) => understood(model, operation, form),
        (None, Some(answer)) => written(model, operation, answer, text("as") == Some("json")),
        (None, None) => Err("neither a form nor an answer".into()),
    }
}

fn understood(model: &'static Model, operation: &Operation, form: &str) -> Outcome<Json> {
    let params = match Params::parse(None, form.as_bytes()) {
        Ok(params) => params,
        Err(error) => return Ok(json!({"error": error.to_string()})),
    };
    Ok(match wire::decode(model, operation, &params) {
        Ok(value) => json!({"value": value.to_json()}),
        Err(violations) => {
            let texts = violations.iter().map(|violation| match model.service {
                Service::Ec2 => violation.ec2(&operation.name).1,
                Service::Iam | Service::Sts | Service::Ssm => violation.item(true),
            });
            json!({"violations": texts.collect::<Vec<_>>()})
        }
    })
}

fn written(model: &Model, operation: &Operation, answer: &Json, as_json: bool) -> Outcome<Json> {
    let id = "00000000-0000-4000-8000-000000000000";
    let xml = wire::write(model, operation, &Shown { model, shape: operation.output, value: answer }, id);
    let written = if as_json { xml.and_then(|xml| wire::as_json(model, operation, &xml, id)) } else { xml };
    Ok(match written {
        Ok(bytes) => json!({"written": String::from_utf8(bytes)?}),
        Err(error) => json!({"error": error.to_string()}),
    })
}

/// JSON that serialises as a handler's structs do: objects as structs with fields in snake case where the model has a structure.
struct Shown<'a> {
    model: &'a Model,
    shape: Option<ShapeId>,
    value: &'a Json,
}

impl Shown<'_> {
    fn inner<'a>(&'a self, shape: Option<ShapeId>, value: &'a Json) -> Shown<'a> {
        Shown { model: self.model, shape, value }
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = self.shape.map(|shape| &self.model.shape(shape).kind);
        match (kind, self.value) {
            (Some(Kind::Structure(structure)), Json::Object(members)) => {
                let mut fields = serializer.serialize_struct("Answer", members.len())?;
                for (name, value) in members {
                    let shape = structure.by_name(name).map(|(_, member)| member.shape);
                    fields.serialize_field(snake(name), &self.inner(shape, value))?;
                }
                fields.end()
            }
            (Some(Kind::Map(map)), Json::Object(entries)) => {
                let mut shown = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    shown.serialize_entry(key, &self.inner(Some(map.value), value))?;
                }
                shown.end()
            }
            (Some(Kind::List(list)), Json::Array(items)) => {
                serializer.collect_seq(items.iter().map(|item| self.inner(Some(list.member), item)))
            }
            (_, plain) => plain.serialize(serializer),
        }
    }
}

/// `RoleArn` as a Rust field. serde wants names that live for ever, so each is kept once.
fn snake(name: &str) -> &'static str {
    static KEPT: LazyLock<Mutex<HashMap<String, &'static str>>> = LazyLock::new(Mutex::default);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.entry(name.to_owned()).or_insert_with(|| {
        let mut field = String::new();
        for letter in name.chars() {
            if letter.is_ascii_uppercase() && !field.is_empty() {
                field.push('_');
            }
            field.push(letter.to_ascii_lowercase());
        }
        field.leak()
    })
}

/// A usual RunInstances and an answer of forty leaves.
fn timing() -> Outcome<()> {
    let form = "Action=RunInstances&Version=2016-11-15&ImageId=ami-0123456789abcdef0&InstanceType=t3.micro&MinCount=1&MaxCount=1\
        &KeyName=main&SubnetId=subnet-0123456789abcdef0&SecurityGroupId.1=sg-0123456789abcdef0&EbsOptimized=true\
        &BlockDeviceMapping.1.DeviceName=%2Fdev%2Fxvda&BlockDeviceMapping.1.Ebs.VolumeSize=20&BlockDeviceMapping.1.Ebs.VolumeType=gp3\
        &IamInstanceProfile.Name=web&MetadataOptions.HttpTokens=required&ClientToken=0123456789\
        &TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=web";
    let started = Instant::now();
    let model = wire::model(Service::Ec2);
    println!("model of ec2: {:?}", started.elapsed());
    let run = model.operation("RunInstances").ok_or("no RunInstances")?;
    measure("form and decoding of RunInstances", || {
        let params = Params::parse(None, form.as_bytes()).map_err(|error| error.to_string())?;
        wire::decode(model, run, &params).map_err(|_| "refused")?;
        Ok(())
    })?;
    let describe = model.operation("DescribeVolumes").ok_or("no DescribeVolumes")?;
    let answer = Volumes { volumes: (0..4).map(|_| Volume::default()).collect() };
    measure("encoding of forty leaves", || {
        black_box(wire::write(model, describe, &answer, "id")?);
        Ok(())
    })
}

fn measure(what: &str, mut act: impl FnMut() -> Outcome<()>) -> Outcome<()> {
    const TIMES: u32 = 20_000;
    act()?;
    let started = Instant::now();
    for _ in 0..TIMES {
        act()?;
    }
    println!("{what}: {:?}", started.elapsed() / TIMES);
    Ok(())
}

#[derive(serde::Serialize)]
struct Volumes {
    volumes: Vec<Volume>,
}

#[derive(serde::Serialize)]
struct Volume {
    volume_id: &'static str,
    availability_zone: &'static str,
    state: &'static str,
    volume_type: &'static str,
    snapshot_id: &'static str,
    kms_key_id: &'static str,
    size: i64,
    iops: i64,
    encrypted: bool,
    fast_restored: bool,
    throughput: Option<i64>,
}

impl Default for Volume {
    fn default() -> Volume {
        Volume {
            volume_id: "vol-0123456789abcdef0",
            availability_zone: "us-east-1a",
            state: "in-use",
            volume_type: "gp3",
            snapshot_id: "snap-0123456789abcdef0",
            kms_key_id: "arn:aws:kms:us-east-1:000000000000:key/0",
            size: 20,
            iops: 3000,
            encrypted: true,
            fast_restored: false,
            throughput: None,
        }
    }
}
