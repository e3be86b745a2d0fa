use policy::Request;

use super::*;
use crate::record::User;
use crate::tests::{Stage, allowing, stage, texts};

/// A request's parameters.
type Parameters<'p> = &'p [(&'p str, &'p str)];

const FOR_EC2: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const ACCOUNT: &str = "123456789012";

/// A trust policy that lets one `AWS` principal assume the role.
fn trusting(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}]}}"#
    )
}

fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

fn create(stage: &mut Stage, name: &str, trust: &str) -> String {
    stage.done("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", trust)])
}

fn stored(stage: &Stage, name: &str) -> Role {
    Role::clone(&by_name(&stage.world, stage.cx.account(), name).unwrap())
}

/// The trust policy that GetRole shows.
fn shown(stage: &mut Stage, name: &str) -> String {
    let answer = stage.done("GetRole", &[("RoleName", name)]);
    let encoded = texts(&answer, "AssumeRolePolicyDocument").concat();
    percent_encoding::percent_decode_str(&encoded).decode_utf8().unwrap().into_owned()
}

/// Whether the role's trust policy lets that user in.
fn trusts(role: &Role, user: &User) -> bool {
    let arn = entity::user_arn("aws", user);
    let principal = policy::Principal::user(user.account.as_str(), &arn, &user.id);
    let context = policy::Context::new();
    let request = Request { action: "sts:AssumeRole", resource: "*", principal: &principal, context: &context };
    let document = trust_document(role).unwrap();
    document.statements[0].principal.as_ref().unwrap().matched_by(request.principal)
        == Some(policy::PrincipalMatch::Itself)
}

/// What each answer shows of one and the same role; clients stumble over elements that are missing or there without need.
#[test]
fn each_answer_shows_its_share() {
    let mut stage = stage();
    stage.done("CreatePolicy", &[("PolicyName", "bound"), ("PolicyDocument", &allowing("s3:*", "*"))]);
    let boundary = format!("arn:aws:iam::{ACCOUNT}:policy/bound");
    let created = stage.done(
        "CreateRole",
        &[
            ("RoleName", "R"),
            ("Path", "/a/b/"),
            ("AssumeRolePolicyDocument", FOR_EC2),
            ("Description", "for machines"),
            ("MaxSessionDuration", "7200"),
            ("PermissionsBoundary", &boundary),
            ("Tags.member.1.Key", "Team"),
            ("Tags.member.1.Value", "x"),
        ],
    );
    let (got, listed) = (stage.done("GetRole", &[("RoleName", "r")]), stage.done("ListRoles", &[]));
    let described = stage.done("UpdateRoleDescription", &[("RoleName", "R"), ("Description", "for machines")]);
    // element: in CreateRole, GetRole, ListRoles, UpdateRoleDescription
    let cases = [
        ("<Path>/a/b/</Path>", [true, true, true, true]),
        ("<RoleName>R</RoleName>", [true, true, true, true]),
        ("<Arn>arn:aws:iam::123456789012:role/a/b/R</Arn>", [true, true, true, true]),
        ("<CreateDate>2026-09-21T14:13:20Z</CreateDate>", [true, true, true, true]),
        ("<Description>for machines</Description>", [false, true, true, true]),
        ("<MaxSessionDuration>7200</MaxSessionDuration>", [false, true, true, false]),
        ("<PermissionsBoundaryType>Policy</PermissionsBoundaryType>", [true, true, false, false]),
        (
            "<PermissionsBoundaryArn>arn:aws:iam::123456789012:policy/bound</PermissionsBoundaryArn>",
            [true, true, false, false],
        ),
        ("<Tags><member><Key>Team</Key><Value>x</Value></member></Tags>", [true, true, false, false]),
        ("<RoleLastUsed", [false, true, false, false]),
    ];
    for (element, expected) in cases {
        let found = [&created, &got, &listed, &described].map(|answer| answer.contains(element));
        assert_eq!(found, expected, "{element}\n{created}\n{got}\n{listed}\n{described}");
    }
    assert_eq!(shown(&mut stage, "R"), FOR_EC2);
    create(&mut stage, "plain", FOR_EC2);
    let plain = stage.done("GetRole", &[("RoleName", "plain")]);
    assert_eq!(texts(&plain, "MaxSessionDuration"), ["3600"]);
    assert!(!plain.contains("<Tags") && !plain.contains("<Description") && !plain.contains("Boundary"), "{plain}");
}

#[test]
fn the_last_use_is_shown() {
    let mut stage = stage();
    create(&mut stage, "R", FOR_EC2);
    let (id, at) = (stored(&stage, "R").id, stage.cx.now);
    let mut tx = Tx::on(stage.world.clone());
    tx.put(LastUsed { id, at, service: "ec2".into(), region: "eu-west-1".into() });
    stage.world = World::clone(&tx);
    let answer = stage.done("GetRole", &[("RoleName", "R")]);
    assert_eq!(
        (texts(&answer, "LastUsedDate"), texts(&answer, "Region")),
        (vec!["2026-09-21T14:13:20Z"], vec!["eu-west-1"])
    );
}

#[test]
fn what_cannot_be_created() {
    let mut stage = stage();
    create(&mut stage, "Taken", FOR_EC2);
    let long = trusting(&format!("arn:aws:iam::999999999999:user/{}", "u".repeat(60)))
        .replace("\"Effect\"", &format!("\"Sid\": \"{}\", \"Effect\"", "s".repeat(2_000)));
    let spaced = FOR_EC2.replace(":{", &format!(":{}{{", " ".repeat(4_000)));
    let cases = [
        (("taken", "/"), FOR_EC2, "EntityAlreadyExists: Role with name taken already exists."),
        (("A", "/"), "{", "MalformedPolicyDocument: This policy contains invalid Json"),
        (("A", "/"), &allowing("sts:AssumeRole", "*"), "MalformedPolicyDocument: Missing required field Principal"),
        (
            ("A", "/"),
            &trusting(&user_arn("nobody")),
            r#"MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:user/nobody""#,
        ),
        (
            ("A", "/"),
            &trusting("AIDACKCEVSQ6C2EXAMPLE"),
            r#"MalformedPolicyDocument: Invalid principal in policy: "AWS":"AIDACKCEVSQ6C2EXAMPLE""#,
        ),
        (
            ("A", "/"),
            &trusting(&format!("arn:aws:iam::{ACCOUNT}:role/x/Taken")),
            r#"MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/x/Taken""#,
        ),
        (("A", "/"), &long, "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048"),
        (
            ("A", "/aws-service-role/x/"),
            FOR_EC2,
            "InvalidInput: Path /aws-service-role/x/ is reserved for roles that AWS creates.",
        ),
    ];
    for ((name, path), trust, expected) in cases {
        let parameters = [("RoleName", name), ("Path", path), ("AssumeRolePolicyDocument", trust)];
        assert_eq!(stage.refused("CreateRole", &parameters), expected);
    }
    let boundary = "arn:aws:iam::aws:policy/NoSuchPolicy";
    let parameters = [("RoleName", "A"), ("AssumeRolePolicyDocument", FOR_EC2), ("PermissionsBoundary", boundary)];
    let expected = format!("NoSuchEntity: Scope ARN: {boundary} does not exist or is not attachable.");
    assert_eq!(stage.refused("CreateRole", &parameters), expected);
    assert_eq!(stage.world.count::<Role>(&[]), 1);
    // White space is not counted.
    create(&mut stage, "A", &spaced);
}

/// Rule: principals are held by unique id, shown by their present ARN, and by their id once they are gone for good.
/// As AWS writes what it has taken; the answer to the creation alone has what was given.
#[test]
fn a_trust_policy_is_written_anew() {
    let mut stage = stage();
    let given = r#"{ "Statement": {"Action": ["sts:AssumeRole"], "Condition": {"Bool": {"aws:SecureTransport": ["true"]}},
        "Principal": {"Service": ["ec2.amazonaws.com"]}, "Effect": "Allow", "Sid": ""}, "Version": "2012-10-17" }"#;
    let created = stage.done("CreateRole", &[("RoleName", "R"), ("AssumeRolePolicyDocument", given)]);
    let echoed = percent_encoding::percent_decode_str(texts(&created, "AssumeRolePolicyDocument")[0]).decode_utf8();
    assert_eq!(echoed.unwrap(), given);
    let expected = r#"{"Version":"2012-10-17","Statement":[{"Sid":"","Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:SecureTransport":["true"]}}}]}"#;
    assert_eq!(shown(&mut stage, "R"), expected);
    let several = expected.replace(r#""ec2.amazonaws.com""#, r#"["ec2.amazonaws.com","ecs.amazonaws.com"]"#);
    stage.done("UpdateAssumeRolePolicy", &[("RoleName", "R"), ("PolicyDocument", &several)]);
    assert_eq!(shown(&mut stage, "R"), several);
}

#[test]
fn principals_are_bound_to_whom_they_named() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "ann")]);
    let ann = stage.user("ann");
    let trust = trusting(&user_arn("ann"));
    create(&mut stage, "R", &trust);
    assert_eq!(shown(&mut stage, "R"), trust);
    assert!(trusts(&stored(&stage, "R"), &ann));

    stage.done("UpdateUser", &[("UserName", "ann"), ("NewUserName", "anna")]);
    assert_eq!(shown(&mut stage, "R"), trusting(&user_arn("anna")));
    assert!(trusts(&stored(&stage, "R"), &stage.user("anna")));

    stage.done("DeleteUser", &[("UserName", "anna")]);
    stage.done("CreateUser", &[("UserName", "ann")]);
    assert_eq!(shown(&mut stage, "R"), trusting(&ann.id));
    assert!(!trusts(&stored(&stage, "R"), &stage.user("ann")));

    // What is shown cannot be saved again: nobody has that id any more.
    let parameters = [("RoleName", "R"), ("PolicyDocument", &trusting(&ann.id))];
    let expected = format!(r#"MalformedPolicyDocument: Invalid principal in policy: "AWS":"{}""#, ann.id);
    assert_eq!(stage.refused("UpdateAssumeRolePolicy", &parameters), expected);
    stage.done("UpdateAssumeRolePolicy", &[("RoleName", "R"), ("PolicyDocument", &trust)]);
    assert!(trusts(&stored(&stage, "R"), &stage.user("ann")));
    assert_eq!(shown(&mut stage, "R"), trust);
}

/// The same for roles, in accounts that are modelled here; a session of the new role is not let in by the trust in the old one.
#[test]
fn roles_as_principals_in_any_modelled_account() {
    let mut stage = stage();
    create(&mut stage, "inner", FOR_EC2);
    let inner = stored(&stage, "inner");
    let arn = entity::role_arn("aws", &inner);
    let root = stage.cx.caller.clone();
    let other: AccountId = "210987654321".parse().unwrap();
    stage.act_as(Caller { account: other, ..Caller::clone(&root) });
    create(&mut stage, "R", &trusting(&arn));
    let matched = |stage: &Stage, id: &str| {
        let principal =
            policy::Principal::assumed_role(ACCOUNT, "arn:aws:sts::123456789012:assumed-role/inner/s", &arn, id);
        let document = trust_document(&stored(stage, "R")).unwrap();
        document.statements[0].principal.as_ref().unwrap().matched_by(&principal)
    };
    assert_eq!(matched(&stage, &inner.id), Some(policy::PrincipalMatch::Behind));
    let parameters = [("RoleName", "S"), ("AssumeRolePolicyDocument", &*trusting(&arn.replace("inner", "none")))];
    let expected =
        r#"MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/none""#;
    assert_eq!(stage.refused("CreateRole", &parameters), expected);

    stage.cx.caller = root.clone();
    stage.done("DeleteRole", &[("RoleName", "inner")]);
    create(&mut stage, "inner", FOR_EC2);
    let again = stored(&stage, "inner");
    stage.act_as(Caller { account: other, ..Caller::clone(&root) });
    assert_eq!((matched(&stage, &again.id), shown(&mut stage, "R")), (None, trusting(&inner.id)));
}

/// A principal may be written as a unique id, and stays written so.
#[test]
fn unique_ids_as_principals() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "ann")]);
    let ann = stage.user("ann");
    let trust = trusting(&ann.id);
    create(&mut stage, "R", &trust);
    assert!(trusts(&stored(&stage, "R"), &ann));
    assert_eq!(shown(&mut stage, "R"), trust);
}

/// A stored role that was read from disk has only the text; it must still compare ids.
#[test]
fn ids_survive_a_restart() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "ann")]);
    create(&mut stage, "R", &trusting(&user_arn("ann")));
    let json = serde_json::to_string(&stored(&stage, "R")).unwrap();
    let read: Role = serde_json::from_str(&json).unwrap();
    let ann = stage.user("ann");
    assert!(trusts(&read, &ann));
    assert!(!trusts(&read, &User { id: "AIDAOTHER".into(), ..ann }));
}

/// Accounts, services, sessions, and everybody in accounts without users and roles are taken as written; an account's number becomes its ARN.
#[test]
fn principals_nobody_can_look_up() {
    let mut stage = stage();
    create(&mut stage, "Account", &trusting("999999999999"));
    assert_eq!(shown(&mut stage, "Account"), trusting("arn:aws:iam::999999999999:root"));
    let principals = [
        "*",
        "arn:aws:iam::999999999999:root",
        "arn:aws:iam::999999999999:role/elsewhere",
        "arn:aws:sts::123456789012:assumed-role/none/session",
    ];
    for (number, principal) in principals.into_iter().enumerate() {
        let (name, trust) = (format!("R{number}"), trusting(principal));
        create(&mut stage, &name, &trust);
        assert_eq!(shown(&mut stage, &name), trust);
        assert!(stored(&stage, &name).trusted_ids.is_empty());
    }
}

#[test]
fn updates_change_what_they_name() {
    let mut stage = stage();
    create(&mut stage, "R", FOR_EC2);
    stage.done("UpdateRole", &[("RoleName", "R"), ("Description", "d"), ("MaxSessionDuration", "43200")]);
    stage.done("UpdateRole", &[("RoleName", "R"), ("MaxSessionDuration", "3600")]);
    let role = stored(&stage, "R");
    assert_eq!((role.description.as_deref(), role.max_session_duration), (Some("d"), 3_600));
    stage.done("UpdateRole", &[("RoleName", "R"), ("Description", "")]);
    assert_eq!(stored(&stage, "R").description, None);
    for operation in ["GetRole", "UpdateRole", "DeleteRole"] {
        let expected = "NoSuchEntity: The role with name none cannot be found.";
        assert_eq!(stage.refused(operation, &[("RoleName", "none")]), expected);
    }
}

#[test]
fn deletion_names_what_is_in_the_way() {
    let mut stage = stage();
    create(&mut stage, "R", FOR_EC2);
    let (role, profile) = (("RoleName", "R"), ("InstanceProfileName", "P"));
    let managed = ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess");
    stage.done("CreateInstanceProfile", &[profile]);
    stage.done("AddRoleToInstanceProfile", &[profile, role]);
    stage.done("AttachRolePolicy", &[role, managed]);
    stage.done("PutRolePolicy", &[role, ("PolicyName", "p"), ("PolicyDocument", &allowing("s3:*", "*"))]);
    let steps = [
        ("must remove roles from instance profile first", "RemoveRoleFromInstanceProfile", vec![profile, role]),
        ("must detach all policies first", "DetachRolePolicy", vec![role, managed]),
        ("must delete policies first", "DeleteRolePolicy", vec![role, ("PolicyName", "p")]),
    ];
    for (obstacle, operation, parameters) in steps {
        assert_eq!(stage.refused("DeleteRole", &[role]), format!("DeleteConflict: Cannot delete entity, {obstacle}."));
        stage.done(operation, &parameters);
    }
    stage.done("DeleteRole", &[role]);
    assert_eq!(stage.world.count::<Role>(&[]), 0);
}

/// Those of IAM Identity Center; unlike service-linked roles they are not even the account's to describe.
#[test]
fn reserved_roles_are_awss_to_change() {
    let mut stage = stage();
    create(&mut stage, "AWSReservedSSO_X", FOR_EC2);
    let role = Role { path: "/aws-reserved/sso.amazonaws.com/".into(), ..stored(&stage, "AWSReservedSSO_X") };
    let mut tx = Tx::on(stage.world.clone());
    tx.put(role);
    stage.world = World::clone(&tx);
    let name = ("RoleName", "AWSReservedSSO_X");
    stage.done("CreateInstanceProfile", &[("InstanceProfileName", "P")]);
    let refused = [
        ("UpdateRole", vec![name]),
        ("UpdateRoleDescription", vec![name, ("Description", "mine")]),
        ("DeleteRole", vec![name]),
        ("UpdateAssumeRolePolicy", vec![name, ("PolicyDocument", FOR_EC2)]),
        ("PutRolePermissionsBoundary", vec![name, ("PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess")]),
        ("DeleteRolePermissionsBoundary", vec![name]),
        ("AddRoleToInstanceProfile", vec![name, ("InstanceProfileName", "P")]),
    ];
    for (operation, parameters) in refused {
        let expected = "UnmodifiableEntity: Cannot perform the operation on the protected role 'AWSReservedSSO_X' - this role is only modifiable by AWS";
        assert_eq!(stage.refused(operation, &parameters), expected, "{operation}");
    }
}

#[test]
fn quotas_hold_when_asked_for() {
    let mut stage = stage();
    create(&mut stage, "R", FOR_EC2);
    let first = stored(&stage, "R");
    let mut tx = Tx::on(stage.world.clone());
    for number in 1..quota::ROLES.most {
        tx.put(Role { id: format!("AROA{number}"), name: format!("R{number}"), ..first.clone() });
    }
    stage.world = World::clone(&tx);
    let parameters = [("RoleName", "more"), ("AssumeRolePolicyDocument", FOR_EC2)];
    let settings = service::cx::Settings { quotas: service::cx::Quotas::Aws, ..(*stage.cx.settings).clone() };
    let free = std::mem::replace(&mut stage.cx.settings, settings.into());
    let refused = stage.refused("CreateRole", &parameters);
    assert_eq!(refused, "LimitExceeded: Cannot exceed quota for RolesPerAccount: 1000");
    stage.cx.settings = free;
    stage.done("CreateRole", &parameters);
}

#[test]
fn lists_are_by_name_and_path_and_in_pages() {
    let mut stage = stage();
    for (name, path) in [("c", "/"), ("a", "/x/"), ("b", "/x/y/"), ("B2", "/xy/")] {
        stage.done("CreateRole", &[("RoleName", name), ("Path", path), ("AssumeRolePolicyDocument", FOR_EC2)]);
    }
    let cases =
        [("/", vec!["B2", "a", "b", "c"]), ("/x", vec!["B2", "a", "b"]), ("/x/", vec!["a", "b"]), ("/z", vec![])];
    for (prefix, expected) in cases {
        let answer = stage.done("ListRoles", &[("PathPrefix", prefix)]);
        assert_eq!(texts(&answer, "RoleName"), expected, "{prefix}");
    }
    let first = stage.done("ListRoles", &[("MaxItems", "3")]);
    assert_eq!(texts(&first, "IsTruncated"), ["true"]);
    let marker = texts(&first, "Marker").concat();
    let second = stage.done("ListRoles", &[("MaxItems", "3"), ("Marker", &marker)]);
    assert_eq!((texts(&second, "RoleName"), texts(&second, "IsTruncated")), (vec!["c"], vec!["false"]));
    assert_eq!(stage.refused("ListRoles", &[("Marker", "AAAA")]), "ValidationError: Invalid Marker.");
}

/// A caller may do what its policy says of the role's ARN, tags and boundary, and nothing else.
#[test]
fn who_may() {
    let mut stage = stage();
    create(&mut stage, "R", FOR_EC2);
    stage.done("TagRole", &[("RoleName", "R"), ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "x")]);
    let conditions = |condition: &str, action: &str, resource: &str| {
        allowing(action, resource).replace("\"Effect\"", &format!("\"Condition\":{condition},\"Effect\""))
    };
    let create = [("RoleName", "N"), ("AssumeRolePolicyDocument", FOR_EC2)];
    let with_tag = [create[0], create[1], ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "x")];
    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let with_boundary = [create[0], create[1], ("PermissionsBoundary", boundary)];
    let tagged = r#"{"StringEquals":{"aws:ResourceTag/Team":"x"}}"#;
    let requested =
        r#"{"StringEquals":{"aws:RequestTag/team":"x"},"ForAllValues:StringEquals":{"aws:TagKeys":"Team"}}"#;
    let bounded = format!(r#"{{"StringEquals":{{"iam:PermissionsBoundary":"{boundary}"}}}}"#);
    let own_boundary = conditions(&bounded, "iam:*", "*");
    stage.done("CreateRole", &[("RoleName", "B"), create[1], ("PermissionsBoundary", boundary)]);
    let cases: [(String, &str, Parameters, bool); 15] = [
        (own_boundary.clone(), "GetRole", &[("RoleName", "B")], true),
        (own_boundary.clone(), "GetRole", &[("RoleName", "R")], false),
        (own_boundary.clone(), "UpdateRoleDescription", &[("RoleName", "B"), ("Description", "")], true),
        (own_boundary.clone(), "UpdateAssumeRolePolicy", &[("RoleName", "B"), ("PolicyDocument", FOR_EC2)], true),
        (own_boundary.clone(), "DeleteRole", &[("RoleName", "B")], true),
        (own_boundary, "DeleteRole", &[("RoleName", "R")], false),
        (allowing("iam:GetRole", "arn:aws:iam::123456789012:role/R"), "GetRole", &[("RoleName", "R")], true),
        (allowing("iam:GetRole", "arn:aws:iam::123456789012:role/x/*"), "GetRole", &[("RoleName", "R")], false),
        (conditions(tagged, "iam:*", "*"), "UpdateRole", &[("RoleName", "R")], true),
        (conditions(tagged, "iam:*", "*"), "CreateRole", &with_tag, false),
        (conditions(requested, "iam:CreateRole", "*"), "CreateRole", &with_tag, false),
        (conditions(requested, "iam:*Role", "*"), "CreateRole", &with_tag, true),
        (conditions(requested, "iam:CreateRole", "*"), "CreateRole", &create, false),
        (conditions(&bounded, "iam:CreateRole", "*"), "CreateRole", &with_boundary, true),
        (conditions(&bounded, "iam:CreateRole", "*"), "CreateRole", &create, false),
    ];
    for (number, (document, operation, parameters, allowed)) in cases.into_iter().enumerate() {
        let user = format!("u{number}");
        stage.done("CreateUser", &[("UserName", &user)]);
        stage.done("PutUserPolicy", &[("UserName", &user), ("PolicyName", "p"), ("PolicyDocument", &document)]);
        let (before, root) = (stage.world.clone(), stage.cx.caller.clone());
        stage.act_as_user(&user);
        let answer = stage.call(operation, parameters);
        assert_eq!(answer.is_ok(), allowed, "{document}: {operation} {answer:?}");
        (stage.world, stage.cx.caller) = (before, root);
    }
}

#[test]
fn denials_name_roles_by_kind_and_name() {
    let mut stage = stage();
    stage.done("CreateRole", &[("RoleName", "R"), ("Path", "/x/"), ("AssumeRolePolicyDocument", FOR_EC2)]);
    stage.done("CreateUser", &[("UserName", "u")]);
    stage.act_as_user("u");
    let why = |action: &str| format!("because no identity-based policy allows the {action} action");
    let cases: [(&str, Parameters, &str); 6] = [
        ("GetRole", &[("RoleName", "none")], "iam:GetRole on resource: role none"),
        ("GetRole", &[("RoleName", "R")], "iam:GetRole on resource: role R"),
        ("UntagRole", &[("RoleName", "r"), ("TagKeys.member.1", "k")], "iam:UntagRole on resource: role r"),
        // An operation that shows the ARN.
        (
            "DeleteRolePermissionsBoundary",
            &[("RoleName", "R")],
            "iam:DeleteRolePermissionsBoundary on resource: arn:aws:iam::123456789012:role/x/R",
        ),
        ("ListRoles", &[], "iam:ListRoles on resource: arn:aws:iam::123456789012:role/"),
        (
            "CreateRole",
            &[("RoleName", "N"), ("AssumeRolePolicyDocument", FOR_EC2)],
            "iam:CreateRole on resource: arn:aws:iam::123456789012:role/N",
        ),
    ];
    for (operation, parameters, what) in cases {
        let expected = format!(
            "AccessDenied: User: {} is not authorized to perform: {what} {}",
            user_arn("u"),
            why(&format!("iam:{operation}"))
        );
        assert_eq!(stage.refused(operation, parameters), expected);
    }
}

#[test]
fn a_role_is_known_by_its_whole_arn() {
    let mut stage = stage();
    stage.done("CreateRole", &[("RoleName", "r"), ("Path", "/p/"), ("AssumeRolePolicyDocument", FOR_EC2)]);
    let known = |arn: &str| by_arn("aws", &stage.world, arn).is_some();
    assert!(known("arn:aws:iam::123456789012:role/p/r"));
    for other in [
        "arn:aws:iam::123456789012:role/r",
        "arn:aws:iam::123456789012:role/p/R",
        "arn:aws-cn:iam::123456789012:role/p/r",
        "arn:aws:iam::999999999999:role/p/r",
        "arn:aws:iam::123456789012:user/p/r",
        "r",
    ] {
        assert!(!known(other), "{other}");
    }
}
