//! The index of the rules that emulators of AWS get wrong, by number: each has a case under `tests/cases` whose `rule` begins with the
//! number, or tests where the whole server is needed. A rule without either, or a test that is gone, fails here.

use serde_json::Value;
use std::fs::read_to_string;

/// The files whose cases can name a rule.
const CASES: [&str; 5] = ["actions", "resources", "operators", "principals", "decisions"];

/// A file below `crates` and the name of a test in it.
type Test = (&'static str, &'static str);

/// A rule's number, what it says in a few words, and the tests that show it besides cases.
type Rule = (u8, &'static str, &'static [Test]);

const RULES: [Rule; 34] = [
    (1, "a deny anywhere wins; organisations must allow at every level", &[]),
    (2, "in one account identity or resource is enough, except for trust policies", &[]),
    (
        3,
        "trust naming the caller is enough, naming the account delegates",
        &[("sts/src/tests/trust.rs", "in_one_account_a_trust_that_names_the_caller_is_enough")],
    ),
    (
        4,
        "between accounts both sides must allow",
        &[("sts/src/tests/trust.rs", "a_switch_between_accounts_takes_both_halves")],
    ),
    (
        5,
        "who is named in a resource policy tells what limits it",
        &[("sts/src/tests/chains.rs", "what_limits_a_session_that_is_trusted")],
    ),
    (6, "the account named in a resource policy grants nothing by itself", &[]),
    (
        7,
        "session policies intersect; what GetSessionToken's sessions cannot call",
        &[
            ("sts/src/tests/session_policies.rs", "they_limit_what_the_role_may"),
            ("sts/src/tests/session_token.rs", "what_it_may_not_call"),
        ],
    ),
    (
        8,
        "sessions have what their role has now, and end with it",
        &[
            ("iam/src/policy_sets/tests.rs", "a_session_has_what_its_role_has_now"),
            ("sts/src/tests/token.rs", "no_session_outlives_its_role"),
        ],
    ),
    (
        9,
        "whom organisation policies bind",
        &[
            ("iam/src/organization/tests.rs", "a_members_root_user_is_limited_and_the_management_account_is_not"),
            ("iam/src/organization/tests.rs", "service_linked_roles_are_not_limited"),
        ],
    ),
    (10, "NotPrincipal", &[]),
    (11, "elements and their forms", &[("policy/tests/policy/cases.rs", "validation")]),
    (
        12,
        "actions without resources",
        &[("../server/src/authorization_tests/reference.rs", "lists_of_collections_are_on_the_collection")],
    ),
    (13, "the root user, and GetCallerIdentity", &[("sts/src/tests/identity.rs", "everybody_may_ask_who_they_are")]),
    (14, "where case matters", &[]),
    (15, "what a star crosses", &[]),
    (16, "absent keys", &[]),
    (17, "several keys and several values", &[]),
    (18, "keys with several values", &[]),
    (19, "variables", &[]),
    (20, "forms of dates, numbers, addresses and binary", &[]),
    (21, "what is said of a faulty policy, in which order", &[("policy/tests/policy/cases.rs", "validation")]),
    (
        22,
        "principals are bound to whom they named",
        &[
            ("iam/src/role/tests.rs", "principals_are_bound_to_whom_they_named"),
            ("sts/src/tests/trust.rs", "whoever_comes_later_by_the_same_name_is_somebody_else"),
        ],
    ),
    (
        23,
        "sizes and numbers",
        &[
            ("iam/src/inline_policy/tests.rs", "all_inline_policies_together_must_fit"),
            ("iam/src/managed_policy/tests.rs", "a_spacious_policy_is_no_long_one"),
            ("iam/src/user/tests.rs", "the_number_of_users_is_limited_only_on_demand"),
            ("sts/src/tests/session_policies.rs", "ten_managed_policies_and_no_more"),
        ],
    ),
    (
        24,
        "texts of AccessDenied",
        &[
            ("service/src/decide/tests.rs", "access_denied_names_the_policy_that_decided"),
            ("service/src/decide/tests.rs", "a_role_that_is_not_handed_out_gives_no_reason"),
        ],
    ),
    (
        25,
        "texts of UnauthorizedOperation",
        &[
            ("service/src/decide/tests.rs", "unauthorized_operation_brings_a_message_to_decode"),
            ("sts/src/tests/decode.rs", "the_statement_that_denied"),
        ],
    ),
    (
        26,
        "PassRole",
        &[
            ("iam/src/instance_profile/tests.rs", "adding_a_role_needs_pass_role"),
            ("ec2/src/instance/tests/associations.rs", "associating_passes_the_role"),
            ("ec2/src/instance/tests/authorization.rs", "tags_and_roles_are_checked_besides"),
        ],
    ),
    (
        27,
        "how long sessions last",
        &[
            ("sts/src/tests/assume_role.rs", "faults_in_parameters"),
            ("sts/src/tests/chains.rs", "a_link_of_a_chain_lasts_an_hour_at_most"),
            ("sts/src/tests/instance.rs", "the_roles_longest_session_does_not_matter"),
        ],
    ),
    (
        28,
        "of a parameter given twice the first counts",
        &[("wire/src/tests.rs", "forms_in_any_order_are_understood"), ("wire/src/tests.rs", "query_forms")],
    ),
    (
        29,
        "source identity, session tags, external ids",
        &[
            ("sts/src/tests/chains.rs", "a_source_identity_stays"),
            ("sts/src/tests/chains.rs", "transitive_tags_are_handed_on_and_others_are_not"),
            ("sts/src/tests/trust.rs", "tags_and_source_identity_are_asked_for_by_their_own_actions"),
        ],
    ),
    (
        30,
        "names and keys of sessions",
        &[
            ("sts/src/tests/assume_role.rs", "the_path_of_a_role_is_in_no_name_of_its_sessions"),
            ("sts/src/tests/chains.rs", "sessions_can_be_revoked"),
        ],
    ),
    (31, "tokens before signatures", &[("sts/src/tests/token.rs", "id_secret_and_token_belong_together")]),
    (
        32,
        "keys that requests carry",
        &[
            ("../server/src/authorization_tests/global_keys.rs", "every_key_has_the_type_that_the_reference_gives_it"),
            ("sts/src/tests/chains.rs", "later_requests_carry_the_sessions_facts"),
            ("sts/src/tests/instance.rs", "policies_can_ask_where_credentials_were_handed_out"),
        ],
    ),
    (
        33,
        "what IAM refuses by itself",
        &[
            ("iam/src/role/tests.rs", "reserved_roles_are_awss_to_change"),
            ("iam/src/user/tests.rs", "who_may_not_learns_nothing"),
        ],
    ),
    (
        34,
        "simulations",
        &[
            ("iam/src/simulate/tests.rs", "statements_that_allow_are_named_with_their_places"),
            ("iam/src/simulate/tests.rs", "missing_keys_are_those_of_all_policies_if_the_denial_is_implicit"),
            ("iam/src/simulate/tests.rs", "the_six_ways_to_launch_are_known"),
        ],
    ),
];

/// What the cases say they show.
fn named() -> Vec<String> {
    let root = env!("CARGO_MANIFEST_DIR");
    let rules = CASES.iter().flat_map(|name| {
        let text = read_to_string(format!("{root}/tests/cases/{name}.json")).unwrap();
        let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
        cases.into_iter().filter_map(|case| Some(case["rule"].as_str()?.to_owned())).collect::<Vec<_>>()
    });
    rules.collect()
}

#[test]
fn every_rule_is_shown() {
    let named = named();
    for (at, (number, what, tests)) in RULES.iter().enumerate() {
        assert_eq!(usize::from(*number), at + 1, "{what}");
        let prefix = format!("{number}: ");
        assert!(!tests.is_empty() || named.iter().any(|rule| rule.starts_with(&prefix)), "{number}: {what}");
        for (file, test) in *tests {
            let text = read_to_string(format!("{}/../{file}", env!("CARGO_MANIFEST_DIR"))).unwrap_or_default();
            assert!(text.contains(&format!("fn {test}()")), "{number}: {what}: no test {test} in {file}");
        }
    }
}
