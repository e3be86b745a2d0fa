//! The comparison must find what it is there to find.

use super::writer::Write;
use super::*;

fn facts(facts: &[&str]) -> BTreeSet<Fact> {
    facts.iter().map(|fact| (*fact).to_owned()).collect()
}

/// What is lost and what is half done, when one writer expects `expected`, was writing `under_way`, and `there` is found.
fn check(expected: &[&str], under_way: Option<(&[&str], &[&str])>, there: &[&str], findings: (usize, usize)) {
    let mut writer = Writer::new(1, 1, "ami-1");
    writer.facts = facts(expected);
    writer.pending = under_way
        .map(|(adds, removes)| Write::of(facts(adds).into_iter().collect(), facts(removes).into_iter().collect()));
    let found = Found { facts: facts(there), ..Found::default() };
    let mut tally = Tally::default();
    compare(&found, &facts(&["role target"]), std::slice::from_mut(&mut writer), &mut tally);
    assert_eq!((tally.lost.len(), tally.half_done.len()), findings, "{:?} {:?}", tally.lost, tally.half_done);
}

#[test]
fn what_is_lost_or_half_done_is_found() {
    let launch: (&[&str], &[&str]) = (&["instance w1-2 0", "volume w1-2 0"], &[]);
    let end: (&[&str], &[&str]) = (&[], &["instance w1-2 0", "volume w1-2 0"]);
    let whole = ["role target", "instance w1-2 0", "volume w1-2 0"];
    check(&["user w1-1"], None, &["role target", "user w1-1"], (0, 0));
    check(&["user w1-1"], None, &["role target"], (1, 0));
    check(&[], None, &["role target", "user w1-1"], (1, 0));
    check(&[], None, &[], (1, 0));
    check(&[], None, &["role target", "user w2-1"], (0, 1));
    check(&[], Some(launch), &["role target"], (0, 0));
    check(&[], Some(launch), &whole, (0, 0));
    check(&[], Some(launch), &["role target", "instance w1-2 0"], (0, 1));
    check(&whole[1..], Some(end), &whole, (0, 0));
    check(&whole[1..], Some(end), &["role target"], (0, 0));
    check(&whole[1..], Some(end), &["role target", "volume w1-2 0"], (0, 1));
    check(&["user w1-1"], Some(launch), &whole, (1, 0));
}
