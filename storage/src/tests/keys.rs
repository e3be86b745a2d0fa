//! Keys sort like their tuples, and prefixes find what starts with them.

use proptest::prelude::*;

use crate::Key;
use crate::key::Prefix;

fn key(parts: &[String]) -> Key {
    Key::new(&parts.iter().map(String::as_str).collect::<Vec<_>>())
}

fn parts() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec("[a\u{1}\u{2}é]{0,2}", 1..4)
}

proptest! {
    #[test]
    fn sort_like_tuples(left in parts(), right in parts()) {
        prop_assert_eq!(key(&left).cmp(&key(&right)), left.cmp(&right));
    }

    #[test]
    fn give_their_parts_back(parts in parts()) {
        let key = key(&parts);
        prop_assert_eq!(key.parts().collect::<Vec<_>>(), parts.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert_eq!(key.arity(), parts.len());
    }

    #[test]
    fn lie_in_the_range_of_their_prefixes_only(prefix in proptest::collection::vec("[a\u{1}]{0,2}", 0..3), parts in parts(), after in parts()) {
        let borrowed: Vec<&str> = prefix.iter().map(String::as_str).collect();
        let prefix_range = Prefix::new(&borrowed);
        let (key, after) = (key(&parts), key(&after));
        let starts_so = parts.starts_with(&prefix);
        prop_assert_eq!(contains(&prefix_range, None, &key), starts_so);
        prop_assert_eq!(contains(&prefix_range, Some(&after), &key), starts_so && key > after);
    }
}

fn contains(prefix: &Prefix, after: Option<&Key>, key: &Key) -> bool {
    use std::borrow::Borrow;
    use std::ops::RangeBounds;
    RangeBounds::<str>::contains(&prefix.bounds(after), Borrow::<str>::borrow(key))
}

#[test]
fn a_nul_inside_a_part_makes_no_new_part() {
    assert_eq!(Key::new(&["a\0b"]).arity(), 1);
    assert_ne!(Key::new(&["a\0b"]), Key::new(&["a", "b"]));
    assert_eq!(Key::new(&["a", "b"]).to_string(), "a/b");
}
