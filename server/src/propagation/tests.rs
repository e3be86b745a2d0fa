use std::convert::Infallible;

use iam::record::{Group, HeldPolicies, User};
use service::AccountId;
use service::cx::testing::root_cx;
use storage::{Options, Place, Tx};

use super::*;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

async fn stage() -> (Store, Propagation, Timestamp) {
    let store = Store::open(Options::new(Place::Memory), crate::registry::schema()).await.unwrap();
    let now = root_cx().now;
    let propagation = Propagation::new(MINUTE);
    propagation.note(&store, now).await;
    (store, propagation, now)
}

async fn write(store: &Store, propagation: &Propagation, id: &str, at: Timestamp) {
    let group = Group {
        account: AccountId::ZERO,
        id: id.to_owned(),
        name: id.to_owned(),
        path: "/".to_owned(),
        created_at: at,
        policies: HeldPolicies::default(),
    };
    let written = store.write(at, move |tx: &mut Tx| {
        tx.put(group.clone());
        Ok::<(), Infallible>(())
    });
    written.await.unwrap();
    propagation.note(store, at).await;
}

async fn sees(store: &Store, propagation: &Propagation, reader: &str, id: &str, at: Timestamp) -> bool {
    is_in(&propagation.arrived(store, reader, at).await, id)
}

fn is_in(world: &World, id: &str) -> bool {
    world.get::<Group>(&[AccountId::ZERO.as_str(), id]).is_some()
}

/// When a reader first sees a record, in seconds after `from`.
async fn first_seen(store: &Store, propagation: &Propagation, reader: &str, id: &str, from: Timestamp) -> i64 {
    for second in 0..=60 {
        if sees(store, propagation, reader, id, from + SignedDuration::from_secs(second)).await {
            return second;
        }
    }
    panic!("{reader} never sees {id}");
}

#[tokio::test]
async fn a_change_reaches_each_reader_in_time_but_not_at_once() {
    let (store, propagation, now) = stage().await;
    write(&store, &propagation, "AGPA1", now).await;
    let mut times = Vec::new();
    for reader in ["iam us-east-1 A", "iam us-east-1 B", "ec2 us-east-1 A", "sts eu-west-1 A"] {
        let seconds = first_seen(&store, &propagation, reader, "AGPA1", now).await;
        assert!((30..=60).contains(&seconds), "{reader}: {seconds}");
        // The same question gets the same answer.
        assert!(!sees(&store, &propagation, reader, "AGPA1", now + SignedDuration::from_secs(seconds - 1)).await);
        times.push(seconds);
    }
    times.dedup();
    assert!(times.len() > 1, "{times:?}");
}

#[tokio::test]
async fn what_was_there_at_the_start_is_there() {
    let store = Store::open(Options::new(Place::Memory), crate::registry::schema()).await.unwrap();
    let now = root_cx().now;
    write(&store, &Propagation::new(MINUTE), "AGPA1", now).await;
    assert!(sees(&store, &Propagation::new(MINUTE), "r", "AGPA1", now).await);
}

#[tokio::test]
async fn nobody_sees_a_change_before_an_older_one() {
    let (store, propagation, now) = stage().await;
    for number in 0..20 {
        write(&store, &propagation, &format!("AGPA{number}"), now + SignedDuration::from_secs(number)).await;
    }
    for second in (20..80).step_by(3) {
        let world = propagation.arrived(&store, "r", now + SignedDuration::from_secs(second)).await;
        let seen: Vec<bool> = (0..20).map(|n| is_in(&world, &format!("AGPA{n}"))).collect();
        assert!(seen.is_sorted_by(|a, b| a >= b), "after {second} s: {seen:?}");
    }
    propagation.note(&store, now + MINUTE * 2).await;
    assert_eq!(propagation.changes.lock().await.len(), 1, "what all have seen is not kept");
}

#[tokio::test]
async fn a_clock_moved_back_holds_nothing_up() {
    let (store, propagation, now) = stage().await;
    write(&store, &propagation, "AGPA1", now).await;
    let back = now - SignedDuration::from_hours(5);
    assert!(!sees(&store, &propagation, "r", "AGPA1", back).await);
    assert!(sees(&store, &propagation, "r", "AGPA1", back + MINUTE).await);
}

#[tokio::test]
async fn only_facts_of_iam_travel() {
    let (store, propagation, now) = stage().await;
    let world = propagation.arrived(&store, "r", now).await;
    assert_eq!((world.now(), world.count::<User>(&[])), (now, 0));
    assert!(is_of_iam("iam_role") && !is_of_iam("iam_last_used") && !is_of_iam("ec2_instance"));
}
