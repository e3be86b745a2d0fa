//! Room in blocks of addresses: the first block of a length that is free.

use ipnet::IpNet;

use crate::network::cidr::overlap;

/// The first block of that length in one of `around` that shares no address with those taken.
pub fn first_free(around: &[IpNet], taken: &[IpNet], length: u8) -> Option<IpNet> {
    let mut taken: Vec<IpNet> = taken.to_vec();
    taken.sort_unstable();
    around.iter().find_map(|around| first_in(around, &taken, length))
}

/// Goes once through the obstacles, which come in order.
fn first_in(around: &IpNet, taken: &[IpNet], length: u8) -> Option<IpNet> {
    if length < around.prefix_len() || length > around.max_prefix_len() {
        return None;
    }
    let (mut at, last) = ends(around);
    let is_alike = |held: &&IpNet| held.max_prefix_len() == around.max_prefix_len();
    let mut obstacles = taken.iter().filter(is_alike).map(ends).peekable();
    loop {
        let candidate = block(around, at, length)?;
        let end = ends(&candidate).1;
        while obstacles.next_if(|(_, behind)| *behind < at).is_some() {}
        let Some((_, behind)) = obstacles.next_if(|(first, _)| *first <= end) else { return Some(candidate) };
        // Blocks either hold one another or have nothing in common, so behind the larger of the two a block begins again.
        at = behind.max(end).checked_add(1).filter(|next| *next <= last)?;
    }
}

/// The first and the last address, as numbers.
fn ends(net: &IpNet) -> (u128, u128) {
    match net {
        IpNet::V4(net) => (u32::from(net.network()).into(), u32::from(net.broadcast()).into()),
        IpNet::V6(net) => (net.network().into(), net.broadcast().into()),
    }
}

fn block(like: &IpNet, first: u128, length: u8) -> Option<IpNet> {
    let address = match like {
        IpNet::V4(_) => std::net::Ipv4Addr::from(u32::try_from(first).ok()?).into(),
        IpNet::V6(_) => std::net::Ipv6Addr::from(first).into(),
    };
    IpNet::new(address, length).ok()
}

/// What both lists have in common, block by block.
pub fn common(one: &[IpNet], other: &[IpNet]) -> Vec<IpNet> {
    let pairs = one.iter().flat_map(|one| other.iter().map(move |other| (one, other)));
    let smaller = |(one, other): (&IpNet, &IpNet)| {
        overlap(*one, *other).then(|| if one.prefix_len() > other.prefix_len() { *one } else { *other })
    };
    pairs.filter_map(smaller).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nets(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn the_first_block_that_is_free() {
        for (around, taken, length, expected) in [
            (&["10.0.0.0/16"][..], &[][..], 24, Some("10.0.0.0/24")),
            (&["10.0.0.0/16"], &["10.0.0.0/24", "10.0.1.0/28"], 24, Some("10.0.2.0/24")),
            (&["10.0.0.0/16"], &["10.0.0.0/17"], 17, Some("10.0.128.0/17")),
            (&["10.0.0.0/16"], &["10.0.0.0/17", "10.0.200.0/24"], 17, None),
            (&["10.0.0.0/24", "10.1.0.0/16"], &["10.0.0.0/25"], 24, Some("10.1.0.0/24")),
            (&["10.0.0.0/24"], &[], 16, None),
            (&["0.0.0.0/0"], &["0.0.0.0/1", "128.0.0.0/1"], 32, None),
            (&["fd00::/48"], &["fd00::/56"], 56, Some("fd00:0:0:100::/56")),
            (&["::/0"], &["::/0"], 0, None),
        ] {
            let expected: Option<IpNet> = expected.map(|text| text.parse().unwrap());
            assert_eq!(first_free(&nets(around), &nets(taken), length), expected, "{around:?} {taken:?} {length}");
        }
    }

    #[test]
    fn the_first_block_is_the_one_that_trying_all_finds() {
        let mut number = 7_u32;
        let mut draw = |below: u32| {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (number >> 8) % below
        };
        let around = nets(&["10.0.0.0/22", "10.0.8.0/23"]);
        for _ in 0..200 {
            let taken: Vec<IpNet> = (0..draw(12))
                .map(|_| {
                    let (address, length) = ((10 << 24) | draw(1 << 12), 23 + u8::try_from(draw(8)).unwrap());
                    IpNet::new(std::net::Ipv4Addr::from(address).into(), length).unwrap().trunc()
                })
                .collect();
            let length = 22 + u8::try_from(draw(7)).unwrap();
            let fitting = around.iter().filter(|block| block.prefix_len() <= length);
            let mut all = fitting.flat_map(|block| block.subnets(length).unwrap());
            let naive = all.find(|block| !taken.iter().any(|held| overlap(*held, *block)));
            assert_eq!(first_free(&around, &taken, length), naive, "{taken:?} {length}");
        }
    }

    #[test]
    fn what_is_common() {
        assert_eq!(
            common(&nets(&["10.0.0.0/8", "192.168.0.0/16"]), &nets(&["10.1.0.0/16", "172.16.0.0/12"])),
            nets(&["10.1.0.0/16"])
        );
    }
}
