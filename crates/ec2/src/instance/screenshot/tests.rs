//! The picture of a console, as far as one can tell without looking.

use super::*;
use crate::instance::run;
use crate::instance::tests::wish;
use crate::tests::{later, refusal, start};

#[test]
fn a_running_instance_has_a_screen() {
    let (cx, mut tx) = start();
    let id = run::run(&cx, &mut tx, &wish(&cx)).unwrap().instances[0].instance_id.clone();
    let ask = || GetConsoleScreenshot { instance_id: id.clone(), wake_up: None, dry_run: None };
    assert_eq!(refusal(get(&cx, &tx, &ask())).0, "IncorrectInstanceState");
    let cx = later(&cx, 60);
    let shot = get(&cx, &tx, &ask()).unwrap();
    let bytes = STANDARD.decode(&shot.image_data).unwrap();
    assert!(bytes.starts_with(&[0xff, 0xd8, 0xff, 0xe0]) && bytes.ends_with(&[0xff, 0xd9]));
    assert_eq!(get(&cx, &tx, &ask()).unwrap().image_data, shot.image_data, "it stays the same");
    let empty = drawn(&[]);
    assert!(empty.len() < bytes.len(), "an empty screen is a smaller picture");
}

#[test]
fn long_lines_are_broken_and_the_last_ones_shown() {
    let long = "x".repeat(100);
    assert_eq!(shown(&long).iter().map(String::len).collect::<Vec<_>>(), [80, 20]);
    let many: String = (0..40).map(|number| format!("{number}\r\n")).collect();
    let lines = shown(&many);
    assert_eq!((lines.len(), lines[0].as_str(), lines[24].as_str()), (25, "15", "39"));
}
