//! What answers look like, in both protocols.

use super::*;
use crate::write::time;

#[derive(Serialize, Shaped)]
struct UserOut {
    user: User,
}

#[derive(Serialize, Shaped)]
struct User {
    user_name: &'static str,
    path: Option<&'static str>,
    create_date: jiff::Timestamp,
    tags: Vec<Pair>,
}

#[test]
fn query_answers() {
    let model = model(Service::Iam);
    let time = jiff::Timestamp::new(1_700_000_000, 123_000_000).unwrap();
    let tags = vec![Pair { key: "a<b".into(), value: "x\r\u{1}".into() }];
    let answer = UserOut { user: User { user_name: "a&b", path: None, create_date: time, tags } };
    let written = write(model, model.operation("CreateUser").unwrap(), &answer, "id").unwrap();
    assert_eq!(
        String::from_utf8(written).unwrap(),
        "<CreateUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><CreateUserResult><User><UserName>a&amp;b</UserName>\
         <CreateDate>2023-11-14T22:13:20Z</CreateDate><Tags><member><Key>a&lt;b</Key><Value>x&#13;\u{fffd}</Value></member></Tags></User></CreateUserResult>\
         <ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></CreateUserResponse>"
    );
    let nothing = write(model, model.operation("DeleteUser").unwrap(), &(), "id").unwrap();
    assert_eq!(
        String::from_utf8(nothing).unwrap(),
        "<DeleteUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DeleteUserResponse>"
    );
}

#[derive(Serialize, Shaped)]
struct Vpcs {
    vpcs: Vec<Vpc>,
}

#[derive(Serialize, Shaped)]
struct Vpc {
    vpc_id: &'static str,
    is_default: bool,
    tags: Vec<Pair>,
}

#[test]
fn ec2_answers() {
    let model = model(Service::Ec2);
    let answer = Vpcs { vpcs: vec![Vpc { vpc_id: "vpc-1", is_default: true, tags: vec![] }] };
    let written = write(model, model.operation("DescribeVpcs").unwrap(), &answer, "id").unwrap();
    assert_eq!(
        String::from_utf8(written).unwrap(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>id</requestId>\
         <vpcSet><item><vpcId>vpc-1</vpcId><isDefault>true</isDefault><tagSet/></item></vpcSet></DescribeVpcsResponse>"
    );
    let nothing = write(model, model.operation("DeleteVpc").unwrap(), &(), "id").unwrap();
    assert!(String::from_utf8(nothing).unwrap().contains("<return>true</return>"));
}

/// What another operation tells of a VPC, in another order.
#[derive(Serialize, Shaped)]
struct OtherVpc {
    is_default: bool,
    vpc_id: &'static str,
}

#[derive(Serialize, Shaped)]
struct OtherVpcs {
    vpcs: Vec<OtherVpc>,
}

#[test]
fn structs_of_one_kind_may_have_fields_of_their_own() {
    let model = model(Service::Ec2);
    let operation = model.operation("DescribeVpcs").unwrap();
    let one =
        || write(model, operation, &Vpcs { vpcs: vec![Vpc { vpc_id: "vpc-1", is_default: true, tags: vec![] }] }, "id");
    let other =
        || write(model, operation, &OtherVpcs { vpcs: vec![OtherVpc { is_default: true, vpc_id: "vpc-1" }] }, "id");
    for _ in 0..2 {
        assert!(String::from_utf8(one().unwrap()).unwrap().contains("<vpcId>vpc-1</vpcId><isDefault>true</isDefault>"));
        assert!(
            String::from_utf8(other().unwrap()).unwrap().contains("<isDefault>true</isDefault><vpcId>vpc-1</vpcId>")
        );
    }
}

#[test]
fn times_are_cut_to_what_the_protocol_shows() {
    for (nanosecond, fraction) in [(0, "000"), (5_000_000, "005"), (123_456_789, "123"), (999_999_999, "999")] {
        let text = jiff::Timestamp::new(1_700_000_000, nanosecond).unwrap().to_string();
        assert_eq!(time(Protocol::Ec2, &text).unwrap(), format!("2023-11-14T22:13:20.{fraction}Z"));
        assert_eq!(time(Protocol::Query, &text).unwrap(), "2023-11-14T22:13:20Z");
    }
    assert_eq!(time(Protocol::Query, "2023-11-14T23:13:20+01:00").unwrap(), "2023-11-14T22:13:20Z");
    assert_eq!(time(Protocol::Query, "2023-11-14T22:13:2oZ"), None);
    let long_ago = jiff::Timestamp::from_second(-99_999_999_999).unwrap().to_string();
    assert!(time(Protocol::Ec2, &long_ago).is_some() && time(Protocol::Query, &long_ago).is_some(), "{long_ago}");
}

#[derive(Serialize, Shaped)]
struct Wrong {
    nonsense: u8,
}

#[test]
fn a_field_the_model_lacks_is_our_bug() {
    let model = model(Service::Ec2);
    let operation = model.operation("DescribeVpcs").unwrap();
    assert!(write(model, operation, &Wrong { nonsense: 1 }, "id").is_err());
    assert_eq!(compare_output::<Wrong>(model, operation).unknown, ["nonsense"]);
}

#[test]
fn errors_of_both_protocols() {
    let error =
        |service| ErrorBody { service, code: "C", message: "a < b", fault: Fault::Sender, at_front_door: false };
    assert_eq!(
        String::from_utf8(write_error(&error(Service::Sts), "id")).unwrap(),
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>C</Code><Message>a &lt; b</Message></Error><RequestId>id</RequestId></ErrorResponse>"
    );
    assert_eq!(
        String::from_utf8(write_error(&error(Service::Ec2), "id")).unwrap(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>C</Code><Message>a &lt; b</Message></Error></Errors><RequestID>id</RequestID></Response>"
    );
}
