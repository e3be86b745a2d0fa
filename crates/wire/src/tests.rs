//! The rules of both protocols, case by case. Whole-model comparisons with an SDK's own serializer are in conformance-tests/wire.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::*;

mod answers;

fn decoded(service: Service, operation: &str, form: &str) -> Result<serde_json::Value, Vec<Violation>> {
    let model = model(service);
    let params = Params::parse(None, form.as_bytes()).unwrap();
    decode(model, model.operation(operation).unwrap(), &params).map(|value| value.to_json())
}

#[test]
fn the_models_are_whole() {
    for (service, operations) in [(Service::Iam, 181), (Service::Sts, 12), (Service::Ec2, 830)] {
        let model = model(service);
        assert_eq!(model.operations().count(), operations, "{}", service.as_str());
        for shape in model.shapes() {
            match &shape.kind {
                Kind::Structure(structure) => assert_eq!(structure.collisions(), Vec::<&str>::new(), "{}", shape.name),
                Kind::Text(Text { pattern: Some(pattern), .. }) => {
                    assert!(pattern.regex().is_some(), "{}: {pattern:?}", shape.name)
                }
                _ => {}
            }
        }
    }
    assert_eq!(model(Service::Iam).error_status("NoSuchEntity"), Some(404));
    assert!(model(Service::Sts).operation("AssumeRoleWithSAML").unwrap().unsigned);
}

#[test]
fn query_forms() {
    let cases = [
        (
            "CreateUser",
            "UserName=a&Tags.member.1.Key=k&Tags.member.1.Value=v",
            json!({"UserName": "a", "Tags": [{"Key": "k", "Value": "v"}]}),
        ),
        ("CreateUser", "UserName=a&Tags=", json!({"UserName": "a", "Tags": []})),
        ("CreateUser", "UserName=a&UserName=b&Unknown=1", json!({"UserName": "a"})),
        ("CreateUser", "UserName=a%2Bb", json!({"UserName": "a+b"})),
        ("ListUsers", "MaxItems=5", json!({"MaxItems": 5})),
        (
            "CreateUser",
            "UserName=a&Tags.member.2.Key=x&Tags.member.2.Value=&Tags.member.1.Key=y&Tags.member.1.Value=1",
            json!({"UserName": "a", "Tags": [{"Key": "y", "Value": "1"}, {"Key": "x", "Value": ""}]}),
        ),
    ];
    for (operation, form, expected) in cases {
        assert_eq!(decoded(Service::Iam, operation, form), Ok(expected), "{form}");
    }
}

#[test]
fn ec2_forms() {
    let cases = [
        (
            "DescribeInstances",
            "InstanceId.1=i-1&InstanceId.2=i-2&Filter.1.Name=n&Filter.1.Value.1=v",
            json!({"InstanceIds": ["i-1", "i-2"], "Filters": [{"Name": "n", "Values": ["v"]}]}),
        ),
        ("DescribeInstances", "InstanceId=i-1", json!({"InstanceIds": ["i-1"]})),
        (
            "RunInstances",
            "MinCount=1&MaxCount=2&NetworkInterface.1.Ipv6Addresses.1.Ipv6Address=fe80::1&DryRun=true",
            json!({"MinCount": 1, "MaxCount": 2, "DryRun": true, "NetworkInterfaces": [{"Ipv6Addresses": [{"Ipv6Address": "fe80::1"}]}]}),
        ),
        // Empty texts are values, but for a few parameters.
        ("CreateVpnGateway", "Type=ipsec.1&AvailabilityZone=", json!({"Type": "ipsec.1"})),
        (
            "RunInstances",
            "MinCount=1&MaxCount=1&KeyName=&Placement.AvailabilityZone=&Placement.Tenancy=host",
            json!({"MinCount": 1, "MaxCount": 1, "KeyName": "", "Placement": {"Tenancy": "host"}}),
        ),
    ];
    for (operation, form, expected) in cases {
        let mut found = decoded(Service::Ec2, operation, form).unwrap();
        sort(&mut found);
        let mut expected = expected;
        sort(&mut expected);
        assert_eq!(found, expected, "{form}");
    }
}

fn sort(value: &mut serde_json::Value) {
    if let serde_json::Value::Object(members) = value {
        members.sort_keys();
    }
}

#[test]
fn violations_in_each_services_words() {
    let iam = decoded(Service::Iam, "CreateUser", "UserName=a%20b").unwrap_err();
    assert_eq!(
        iam[0].item(false),
        "Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+"
    );
    let sts =
        decoded(Service::Sts, "AssumeRole", "RoleArn=arn:aws:iam::1:role/a&RoleSessionName=Session1:2").unwrap_err();
    assert_eq!(
        sts[0].item(true),
        "Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"
    );
    let missing = decoded(Service::Iam, "CreateUser", "").unwrap_err();
    assert_eq!(missing[0].item(false), "Value at 'userName' failed to satisfy constraint: Member must not be null");
    let tag = decoded(Service::Iam, "CreateUser", "UserName=a&Tags.member.1.Key=&Tags.member.1.Value=v").unwrap_err();
    assert_eq!(tag[0].path, "tags.1.member.key");
    let cases = [
        (
            "DescribeVpcs",
            "MaxResults=3",
            (
                "InvalidParameterValue",
                "Value ( 3 ) for parameter maxResults is invalid. Expecting a value greater than 5.",
            ),
        ),
        (
            "DescribeVpcs",
            "MaxResults=2000",
            (
                "InvalidParameterValue",
                "Value ( 2000 ) for parameter maxResults is invalid. Expecting a value smaller than or equal to 1000.",
            ),
        ),
        (
            "DescribeInstanceTypes",
            "MaxResults=101",
            (
                "InvalidMaxResults",
                "Value ( 101 ) for parameter maxResults is invalid. Expecting a value from ( 5 ) to  ( 100 ).",
            ),
        ),
        (
            "DescribeEgressOnlyInternetGateways",
            "MaxResults=256",
            (
                "InvalidParameterValue",
                "Value (256) for parameter maxResults is invalid. Expecting a value less than 255.",
            ),
        ),
        (
            "DescribeNatGateways",
            "MaxResults=4",
            (
                "InvalidParameter",
                "1 validation error detected: Value '4' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 5",
            ),
        ),
        ("DescribeVpcs", "Colour=red", ("UnknownParameter", "The parameter Colour is not recognized")),
        ("RunInstances", "MinCount=1", ("MissingParameter", "The request must contain the parameter MaxCount")),
    ];
    for (operation, form, (code, text)) in cases {
        let violations = decoded(Service::Ec2, operation, form).unwrap_err();
        assert_eq!(violations[0].ec2(operation), (code, text.to_owned()));
    }
}

/// The parameters that EC2 does not recognise.
fn unknown(operation: &str, form: &str) -> Vec<String> {
    let violations = decoded(Service::Ec2, operation, form).err().unwrap_or_default();
    let strays = violations.into_iter().filter(|violation| violation.constraint == Constraint::Unknown);
    strays.map(|violation| violation.parameter).collect()
}

#[test]
fn names_that_an_operation_lacks_are_told_whole() {
    let cases: [(&str, &str, &[&str]); 11] = [
        ("RunInstances", "TagSpecification.1.Tag.1.Colour=x", &["TagSpecification.1.Tag.1.Colour"]),
        ("CreateTags", "ResourceId.1=i-1&Tag.x.Key=a", &["Tag.x.Key"]),
        ("CreateTags", "ResourceId.1=i-1&Tag.0.Key=a", &[]),
        ("RunInstances", "IamInstanceProfile=x", &["IamInstanceProfile"]),
        ("RunInstances", "IamInstanceProfile.Name=x", &[]),
        ("DescribeVpcs", "DryRun.1=true", &["DryRun.1"]),
        ("DescribeVpcs", "Version=2016-11-15&Action=DescribeVpcs&VpcId.1=a&VpcId.1=a", &[]),
        ("DescribeVpcs", "MaxResults=x", &[]),
        ("DescribeVpcs", "VpcId=vpc-1", &[]),
        ("DescribeVpcs", "Zebra=1&Ape=1", &["Zebra"]),
        ("DescribeVpcs", "Action.1=x", &["Action.1"]),
    ];
    for (operation, form, expected) in cases {
        assert_eq!(unknown(operation, form), expected, "{form}");
    }
}

#[test]
fn client_tokens_of_ec2_are_short() {
    let form = |token: &str| format!("SourceImageId=ami-1&SourceRegion=r&Name=name&ClientToken={token}");
    let refused = |operation, form: &str| {
        let violations = decoded(Service::Ec2, operation, form).err().unwrap_or_default();
        violations.iter().map(|violation| violation.ec2(operation)).collect::<Vec<_>>()
    };
    let (fits, long) = ("a".repeat(64), "a".repeat(65));
    assert_eq!(refused("CreateVolume", &format!("ClientToken={fits}")), []);
    let expected = [("InvalidParameterValue", format!("Value ({long}) for parameter clientToken is invalid"))];
    assert_eq!(refused("CreateVolume", &format!("ClientToken={long}")), expected);
    let inside = format!("SpotFleetRequestConfig.ClientToken={long}");
    let told = format!("Value ({long}) for parameter spotFleetRequestConfig.ClientToken is invalid.");
    assert!(refused("RequestSpotFleet", &inside).iter().any(|(_, text)| *text == told));
    assert_eq!(refused("CopyImage", &form(&long)), [], "whose own bound is in the model");
}

/// As IAM and STS answered in September 2026.
#[test]
fn how_lists_are_numbered_and_what_is_in_them() {
    let told = |service, operation, form: &str| {
        let violations = decoded(service, operation, form).err().unwrap_or_default();
        violations.iter().map(|violation| violation.item(service == Service::Sts)).collect::<Vec<_>>()
    };
    let numbered = |numbers: &[&str]| {
        let form: Vec<String> = numbers.iter().map(|number| format!("PolicyInputList.member.{number}=x")).collect();
        let violations = decoded(Service::Iam, "GetContextKeysForCustomPolicy", &form.join("&"));
        violations.err().unwrap_or_default().into_iter().map(|it| it.constraint).collect::<Vec<_>>()
    };
    let sparse = |count: u64| format!("Excessively sparse input would skip {count} list elements");
    for (numbers, expected) in [
        (&["+1"][..], "Start of list found where not expected".to_owned()),
        (&["one"], "Start of list found where not expected".to_owned()),
        (&["0"], "0 is not a valid index".to_owned()),
        (&["-1"], "Key -1 may not have a leading '-'".to_owned()),
        (&["12"], sparse(11)),
        (&["22", "1"], sparse(21)),
        (&["1", "22", "43"], sparse(21)),
        (&["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "22"], sparse(12)),
    ] {
        assert_eq!(numbered(numbers), [Constraint::Numbering(expected)], "{numbers:?}");
    }
    assert_eq!(numbered(&["01"]), []);
    for gaps in [&["11"][..], &["1", "8", "15"]] {
        assert!(matches!(numbered(gaps).as_slice(), [Constraint::Each(_)]), "{gaps:?}");
    }
    let keys = "UserName=u&TagKeys.member.1=!&TagKeys.member.2=ok&TagKeys.member.3=%23";
    let each = r"Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+]";
    let expected = format!("Value at 'tagKeys' failed to satisfy constraint: {each}");
    assert_eq!(told(Service::Iam, "UntagUser", keys), [expected]);
    // Structures that are left out are there, and empty.
    let null = |member: &str| format!("Value at 'tags.{member}' failed to satisfy constraint: Member must not be null");
    let gap = "UserName=u&Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.3.Key=l&Tags.member.3.Value=";
    assert_eq!(told(Service::Iam, "TagUser", gap), [null("2.member.value"), null("2.member.key")]);
    let first = "UserName=u&Tags.member.2.Key=k&Tags.member.2.Value=v";
    assert_eq!(told(Service::Iam, "TagUser", first), [null("1.member.value"), null("1.member.key")]);
    for number in ["+1", "one"] {
        let form = format!("UserName=u&Tags.member.{number}.Key=k&Tags.member.{number}.Value=v");
        assert_eq!(told(Service::Iam, "TagUser", &form), [null("1.member.value"), null("1.member.key")], "{number}");
    }
    assert!(decoded(Service::Iam, "TagUser", "UserName=u&Tags.member.01.Key=k&Tags.member.1.Value=v").is_ok());
    let twice = decoded(Service::Iam, "TagUser", "UserName=u&Tags.member.1.0.Key=k&Tags.member.1.0.Value=v").err();
    let twice: Vec<_> = twice.unwrap_or_default().into_iter().map(|it| it.constraint).collect();
    assert_eq!(twice, [Constraint::Numbering("Two index elements may not occur back to back".into())]);
    let tags: Vec<String> = (1..=51).map(|at| format!("Tags.member.{at}.Key={at}&Tags.member.{at}.Value=v")).collect();
    let shown: Vec<String> = (1..=51).map(|at| format!("Tag(key={at}, value=v)")).collect();
    let form = format!("Audience.member.1=a&SigningAlgorithm=RS256&{}", tags.join("&"));
    let many = "failed to satisfy constraint: Member must have length less than or equal to 50";
    let expected = format!("Value '[{}]' at 'tags' {many}", shown.join(", "));
    assert_eq!(told(Service::Sts, "GetWebIdentityToken", &form), [expected]);
    let form = "Audience.member.1=a&SigningAlgorithm=RS256&Tags.member.1.Key=&Tags.member.1.Value=v";
    let short = "Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must";
    let length = format!("{short} have length greater than or equal to 1");
    let pattern = format!(r"{short} satisfy regular expression pattern: [\p{{L}}\p{{Z}}\p{{N}}_.:/=+\-@]+");
    assert_eq!(told(Service::Sts, "GetWebIdentityToken", form), [length, pattern]);
    let audience = |inside: &str| format!("{inside}&SigningAlgorithm=RS256");
    let many: Vec<String> = (0..11).map(|number| format!("Audience.member.{}={number}", number + 1)).collect();
    for (inside, expected) in [
        ("Audience=", "Value null at 'audience' failed to satisfy constraint: Member must not be null"),
        (
            "Audience.member.1=",
            "Value '[]' at 'audience' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 1000, Member must have length greater than or equal to 1]",
        ),
        (
            &many.join("&"),
            "Value '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]' at 'audience' failed to satisfy constraint: Member must have length less than or equal to 10",
        ),
    ] {
        assert_eq!(told(Service::Sts, "GetWebIdentityToken", &audience(inside)), [expected], "{inside}");
    }
}

#[test]
fn numbers_keep_to_their_size() {
    let refused = [
        (Service::Ec2, "DescribeVpcs", "MaxResults=4294967296"),
        (Service::Ec2, "DescribeVpcs", "MaxResults=++6"),
        (Service::Ec2, "DescribeVpcs", "MaxResults=6.0"),
        (Service::Iam, "ListUsers", "MaxItems=2147483648"),
    ];
    for (service, operation, form) in refused {
        let violations = decoded(service, operation, form).unwrap_err();
        assert_eq!(violations[0].constraint, Constraint::Type("integer"), "{form}");
        assert!(violations[0].item(false).ends_with("Member must be an integer"));
        assert!(violations[0].ec2(operation).1.ends_with("It is not an integer."));
    }
    assert_eq!(decoded(Service::Ec2, "DescribeVpcs", "MaxResults=%2B6"), Ok(json!({"MaxResults": 6})));
    let longs = model(Service::Ec2).shapes().filter(|shape| matches!(shape.kind, Kind::Integer { bits: 64, .. }));
    assert_eq!(longs.count(), 5);
}

#[test]
fn numbers_are_finite() {
    for text in ["NaN", "nan", "inf", "Infinity", "-Infinity", "1e999"] {
        let bounded = format!("TotalTargetCapacity=1&InstanceTypeSpecification.1.Weight={text}");
        let free = format!(
            "TargetCapacitySpecification.TotalTargetCapacity=1&LaunchTemplateConfigs.1.Overrides.1.WeightedCapacity={text}"
        );
        for (operation, form) in [("CreateCapacityReservationFleet", bounded), ("CreateFleet", free)] {
            let violations = decoded(Service::Ec2, operation, &form).unwrap_err();
            assert_eq!(violations[0].constraint, Constraint::Type("double"), "{form}");
        }
    }
}

#[test]
fn every_required_member_is_missed() {
    let form = "Tags.member.1.Key=&Tags.member.1.Value=v";
    let found: Vec<_> = decoded(Service::Iam, "TagUser", form).unwrap_err();
    let found: Vec<_> = found.iter().map(|violation| (violation.path.as_str(), violation.value.is_none())).collect();
    let key = ("tags.1.member.key", false);
    assert_eq!(found, [("userName", true), key, key], "both its length and its pattern");
    let both = decoded(Service::Iam, "UntagUser", "UserName=%C3%A4nn").unwrap_err();
    assert_eq!(both.iter().map(|violation| violation.path.as_str()).collect::<Vec<_>>(), ["userName", "tagKeys"]);
}

#[test]
fn maps_have_bounds() {
    let bounds = |name: &str| {
        let shape = model(Service::Iam).shapes().find(|shape| shape.name == name);
        match shape.map(|shape| &shape.kind) {
            Some(Kind::Map(map)) => (map.min, map.max),
            other => panic!("{name}: {other:?}"),
        }
    };
    assert_eq!((bounds("mapStringReplacementValueEntry"), bounds("summaryMapType")), ((None, Some(30)), (None, None)));
}

#[test]
fn forms_in_any_order_are_understood() {
    let form = "Filter.2.Value.2=d&InstanceId.2=b&Filter.1.Name=n&Filter.2.Name=m&InstanceId.1=a&Filter.2.Value.1=c\
                &Filter.1.Value.1=v&Filter.2.Name=late";
    let mut found = decoded(Service::Ec2, "DescribeInstances", form).unwrap();
    sort(&mut found);
    let filters = json!([{"Name": "n", "Values": ["v"]}, {"Name": "m", "Values": ["c", "d"]}]);
    assert_eq!(found, json!({"Filters": filters, "InstanceIds": ["a", "b"]}));
}

#[test]
fn lists_of_ec2_may_begin_anywhere() {
    for form in
        ["VpcId=vpc-1", "VpcId.0=vpc-1", "VpcId.01=vpc-1", "VpcId.7=vpc-1", "Filter.0.Name=state&Filter.0.Value.2=x"]
    {
        assert!(decoded(Service::Ec2, "DescribeVpcs", form).is_ok(), "{form}");
    }
    assert_eq!(unknown("DescribeVpcs", "vpcId.1=vpc-1"), ["vpcId.1"]);
}

#[test]
fn hostile_forms_do_no_harm() {
    let many: String = (0..300_000_u64).map(|number| format!("{}=&", (number * 7_919_u64) % 300_000)).collect();
    assert_eq!(unknown("DescribeVpcs", &many), ["0"]);
    let deep = "a.".repeat(100_000);
    assert!(decoded(Service::Ec2, "DescribeVpcs", &deep).is_err());
    assert!(decoded(Service::Iam, "ListUsers", &deep).is_ok());
    let sparse = "InstanceId.18446744073709551615=i-1&InstanceId.99999999999999999999999=i-2&InstanceId.0=i-3";
    let strays: Vec<_> = unknown("DescribeInstances", sparse).into_iter().collect();
    assert_eq!(strays, ["InstanceId.99999999999999999999999"]);
    for form in ["a=%", "a=%1", "a=%zz"] {
        assert!(Params::parse(None, form.as_bytes()).is_err(), "{form}");
    }
}

#[derive(Debug, Deserialize, Serialize, Shaped, PartialEq)]
struct Named {
    user_name: String,
    path: Option<String>,
    #[serde(default)]
    tags: Vec<Pair>,
}

#[derive(Debug, Deserialize, Serialize, Shaped, PartialEq)]
struct Pair {
    key: String,
    value: String,
}

#[test]
fn structs_are_read_by_name() {
    let model = model(Service::Iam);
    let operation = model.operation("CreateUser").unwrap();
    let params = Params::parse(
        None,
        b"UserName=a&Tags.member.1.Key=k&Tags.member.1.Value=v&PermissionsBoundary=arn:aws:iam::aws:policy/X",
    )
    .unwrap();
    let value = decode(model, operation, &params).unwrap();
    let read: Named = read(model, operation, &value).unwrap();
    assert_eq!(
        read,
        Named { user_name: "a".into(), path: None, tags: vec![Pair { key: "k".into(), value: "v".into() }] }
    );
    let report = compare_input::<Named>(model, operation);
    assert_eq!((report.unknown, report.undeclared), (vec![], vec!["PermissionsBoundary".to_owned()]));
}

#[derive(Debug, Deserialize)]
struct Typed {
    #[serde(rename = "user_name")]
    _user_name: Never,
}

#[derive(Debug)]
struct Never;

impl<'de> Deserialize<'de> for Never {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(serde::de::Error::custom(invalid("This is not a name.", text)))
    }
}

#[test]
fn domain_types_tell_where_and_what() {
    let model = model(Service::Iam);
    let operation = model.operation("CreateUser").unwrap();
    let value = decode(model, operation, &Params::parse(None, b"UserName=abc").unwrap()).unwrap();
    let error = read::<Typed>(model, operation, &value).unwrap_err();
    assert_eq!(
        (error.path.as_str(), error.meaning.as_str(), error.value.as_str()),
        ("userName", "This is not a name.", "abc")
    );
}

#[derive(Debug, Deserialize)]
struct TypedTags {
    #[serde(rename = "tags")]
    _tags: Vec<TypedTag>,
}

#[derive(Debug, Deserialize)]
struct TypedTag {
    #[serde(rename = "value")]
    _value: Option<Never>,
}

#[test]
fn the_place_is_named_in_the_services_way() {
    let cases = [
        (Service::Iam, "TagUser", "UserName=a&Tags.member.1.Key=k&Tags.member.1.Value=v", "tags.1.member.value"),
        (Service::Ec2, "CreateTags", "ResourceId.1=a&Tag.1.Key=k&Tag.2.Key=l&Tag.2.Value=v&Tag.3.Key=m", "tag.2.Value"),
    ];
    for (service, operation, form, expected) in cases {
        let model = model(service);
        let operation = model.operation(operation).unwrap();
        let value = decode(model, operation, &Params::parse(None, form.as_bytes()).unwrap()).unwrap();
        assert_eq!(read::<TypedTags>(model, operation, &value).unwrap_err().path, expected);
    }
}

#[derive(Serialize)]
struct Fleet<T> {
    total_fulfilled_capacity: T,
}

#[test]
fn numbers_without_digits_have_javas_names() {
    let model = model(Service::Ec2);
    let operation = model.operation("CreateCapacityReservationFleet").unwrap();
    let cases = [(f64::INFINITY, "Infinity"), (f64::NEG_INFINITY, "-Infinity"), (f64::NAN, "NaN"), (0.5, "0.5")];
    for (number, expected) in cases {
        let wide = write(model, operation, &Fleet { total_fulfilled_capacity: number }, "id").unwrap();
        let narrow = write(model, operation, &Fleet { total_fulfilled_capacity: number as f32 }, "id").unwrap();
        let element = format!("<totalFulfilledCapacity>{expected}</totalFulfilledCapacity>");
        assert!(String::from_utf8_lossy(&wide).contains(&element), "{wide:?}");
        assert_eq!(wide, narrow);
    }
}
