//! Addresses and networks.

use std::net::IpAddr;

use stanch_model::observable;

/// Whether `net` (`10.0.0.0/8`, or one address) holds `ip`. IPv4 hidden in IPv6 counts as IPv4, as it
/// does everywhere ([`observable::address`]).
pub(super) fn cidr_contains(net: &str, ip: &str) -> Result<bool, String> {
    let no_net = || format!("`{net}` is no network: write `10.0.0.0/8`");
    let (base, prefix) = net.split_once('/').map_or((net, None), |(b, p)| (b, Some(p)));
    let written: IpAddr = base.parse().map_err(|_unread| no_net())?;
    let base = observable::address(base).ok_or_else(no_net)?;
    let address = observable::address(ip).ok_or_else(|| format!("`{ip}` is no address"))?;
    let width = if written.is_ipv4() { 32 } else { 128_u32 };
    let prefix = prefix.map_or(Ok(width), str::parse::<u32>).map_err(|_unread| no_net())?;
    if prefix > width {
        return Err(no_net());
    }
    // Both are compared as 128 bits; a network written as IPv4 covers the last 32 of them.
    let bits = if width == 32 { prefix.saturating_add(96) } else { prefix };
    let mask = u128::MAX.checked_shl(128_u32.saturating_sub(bits)).unwrap_or(0);
    Ok(number(base) & mask == number(address) & mask)
}

fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}
