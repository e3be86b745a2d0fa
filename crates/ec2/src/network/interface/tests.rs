//! Interfaces and their addresses.

use std::net::Ipv4Addr;
use std::time::Instant;

use service::cx::testing;
use service::prelude::*;
use storage::Schema;

use super::*;

#[test]
fn measure() {
    let cx = testing::root_cx();
    let mut tx = Tx::on(World::empty(crate::schema(iam::schema(Schema::new().with::<service::keys::InstallationKeys>())), cx.now));
    crate::network::settle(&cx, &mut tx);
    let subnet = subnet::default_for(&tx, cx.account(), cx.region_name(), None).unwrap();
    let subnet = Arc::new(Subnet { cidr: "10.0.0.0/16".parse().unwrap(), ..(*subnet).clone() });
    for target in [4_000, 60_000] {
        let started = Instant::now();
        while addresses_in(&tx, &subnet).count() < target {
            for _ in 0..4000 {
                let new = NewInterface { subnet: subnet.clone(), groups: vec!["sg-1".into()], address: None, secondary: vec![], secondary_count: 0, description: String::new(), attachment: None, public_address: true, tags: vec![] };
                create(&cx, &mut tx, new).unwrap();
            }
        }
        eprintln!("filling to {target}: {:?}", started.elapsed());
        let started = Instant::now();
        let free = subnet::available_addresses(&tx, &subnet);
        eprintln!("count {free}: {:?}", started.elapsed());
        let _ = Ipv4Addr::LOCALHOST;
    }
}
