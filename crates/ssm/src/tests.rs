use service::cx::testing;
use service::prelude::*;
use service::{ApiError, Service};
use storage::Schema;

fn ask(operation: &str, form: &str) -> Result<String, ApiError> {
    let model = wire::model(Service::Ssm);
    let of_model = model.operation(operation).unwrap();
    let params = wire::Params::parse(None, form.as_bytes()).unwrap();
    let value = wire::decode(model, of_model, &params).unwrap();
    let row = crate::operations().into_iter().find(|row| row.name == operation).unwrap();
    let input = row.input(model, of_model, &value).unwrap();
    let (cx, world) = (testing::root_cx(), World::empty(Schema::new(), Timestamp::UNIX_EPOCH));
    row.precheck(&cx, &world, &input)?;
    let service::operation::Run::Read(handler) = row.handler(&input) else { panic!("{operation} writes") };
    let xml = handler(&cx, &world, &input)?.write(model, of_model, "id").unwrap();
    Ok(String::from_utf8(wire::as_json(model, of_model, &xml, "id").unwrap()).unwrap())
}

const LATEST: &str = "/aws/service/ami-amazon-linux-latest";

#[test]
fn a_parameter_is_answered_as_json() {
    let answer = ask("GetParameter", &format!("Name={LATEST}/al2023-ami-kernel-6.1-x86_64:1")).unwrap();
    assert!(answer.starts_with(&format!(
        r#"{{"Parameter":{{"Name":"{LATEST}/al2023-ami-kernel-6.1-x86_64","Type":"String","Value":"ami-"#
    )));
    let arn = format!(
        r#""ARN":"arn:aws:ssm:us-east-1::parameter{LATEST}/al2023-ami-kernel-6.1-x86_64","DataType":"text"}}}}"#
    );
    assert!(
        answer.contains(r#""Version":1,"Selector":":1","LastModifiedDate":17"#) && answer.ends_with(&arn),
        "{answer}"
    );
}

#[test]
fn what_there_is_not() {
    let none = ask("GetParameter", "Name=/golden").unwrap_err();
    assert_eq!((none.code.as_ref(), none.message.as_str()), ("ParameterNotFound", ""));
    let version = ask("GetParameter", &format!("Name={LATEST}/al2023-ami-kernel-6.1-x86_64:99")).unwrap_err();
    assert_eq!(version.code, "ParameterVersionNotFound");
    let many = ask("GetParameters", "Names.member.1=/golden").unwrap();
    assert_eq!(many, r#"{"Parameters":[],"InvalidParameters":["/golden"]}"#);
}

#[test]
fn pages_of_a_path() {
    let (mut names, mut token) = (Vec::new(), String::new());
    loop {
        let form = format!("Path={LATEST}/&MaxResults=4{token}");
        let answer: serde_json::Value = serde_json::from_str(&ask("GetParametersByPath", &form).unwrap()).unwrap();
        let page = answer["Parameters"].as_array().unwrap();
        names.extend(page.iter().map(|it| it["Name"].as_str().unwrap().to_owned()));
        let Some(next) = answer["NextToken"].as_str() else { break };
        assert_eq!(page.len(), 4);
        token = format!("&NextToken={next}");
    }
    assert!(names.is_sorted() && names.len() > 10 && names.iter().all(|name| name.starts_with(LATEST)), "{names:?}");
    assert_eq!(
        ask("GetParametersByPath", "Path=/aws/service").unwrap(),
        r#"{"Parameters":[]}"#,
        "nothing right below it"
    );
    assert!(ask("GetParametersByPath", "Path=/aws/service/canonical&Recursive=true").unwrap().contains("canonical"));
    let filtered =
        |filter: &str| ask("GetParametersByPath", &format!("Path={LATEST}&{filter}")).map(|it| it.len() > 20);
    assert_eq!(
        filtered("ParameterFilters.member.1.Key=Type&ParameterFilters.member.1.Values.member.1=String"),
        Ok(true)
    );
    assert_eq!(filtered("ParameterFilters.member.1.Key=Label&ParameterFilters.member.1.Values.member.1=x"), Ok(false));
    assert_eq!(filtered("ParameterFilters.member.1.Key=Tier").unwrap_err().code, "InvalidFilterKey");
    assert_eq!(ask("GetParametersByPath", "Path=/a&NextToken=x").unwrap_err().code, "InvalidNextToken");
}
