use super::*;

#[test]
fn well_formed_ids() {
    let cases = [
        ("i-0123456789abcdef0", true),
        ("i-0123456789ABCDEF0", true),
        ("i-12345678", true),
        ("i-ABCDEF12", true),
        ("i-f", true),
        ("i-", false),
        ("I-12345678", false),
        ("i-000000000", false),
        ("i-0000000000000001", false),
        ("i-00000000000000000", false),
        ("i-1234567890abcdef0", false),
        ("vol-12345678", false),
        ("i", false),
        ("", false),
    ];
    for (id, expected) in cases {
        assert_eq!(INSTANCE.well_formed(id).is_ok(), expected, "{id}");
    }
    let refused = INSTANCE.well_formed("web").unwrap_err();
    assert_eq!(
        (refused.code.as_ref(), refused.message.as_str()),
        ("InvalidInstanceID.Malformed", "Invalid id: \"web\"")
    );
    assert_eq!(SUBNET.well_formed("example"), Ok(()));
    let refused = VOLUME.well_formed("web").unwrap_err();
    assert_eq!(
        (refused.code.as_ref(), refused.message.as_str()),
        ("InvalidParameterValue", "Value (web) for parameter volumeId is invalid. Expected: 'vol-...'.")
    );
    assert_eq!(VOLUME.well_formed("vol-1").unwrap_err().code, "InvalidVolumeID.Malformed");
}

#[test]
fn texts_for_one_and_many() {
    assert_eq!(INSTANCE.not_found(&["i-1"]).message, "The instance ID 'i-1' does not exist");
    assert_eq!(INSTANCE.not_found(&["i-1", "i-2"]).message, "The instance IDs 'i-1, i-2' do not exist");
    assert_eq!(IMAGE.not_found(&["ami-1"]).message, "The image id '[ami-1]' does not exist");
}

/// Types that the service authorization reference does not have yet.
const UNLISTED: [&str; 4] =
    ["capacity-reservation-modification-quote", "fca-policy", "metric-category", "service-link-virtual-interface"];

#[test]
fn kinds_differ_in_prefix_and_type() {
    for (position, kind) in all().enumerate() {
        assert!(
            all()
                .skip(position + 1)
                .all(|other| other.prefix != kind.prefix && other.resource_type != kind.resource_type)
        );
        let listed = service::facts::resource("ec2", kind.resource_type).is_some();
        assert_eq!(listed, !UNLISTED.contains(&kind.resource_type), "{}", kind.resource_type);
    }
    assert_eq!(of_id("sgr-0123456789abcdef0"), Some(&SECURITY_GROUP_RULE));
    assert_eq!(of_id("sg-0123456789abcdef0"), Some(&SECURITY_GROUP));
    assert_eq!(of_id("banana-0123456789abcdef0"), None);
}
