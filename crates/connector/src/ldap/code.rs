//! Result codes (RFC 4511 appendix A): their names, and what they say of the request.

/// What a result says about a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Done,
    /// Not done, and not for now either.
    Refused,
    /// Not done; later perhaps.
    Later,
    /// The server lost count itself.
    Unclear,
}

/// A change is made as a whole or not at all (§4.6), so a result that names a reason is a refusal.
/// What is left is a server that ran out of time, or does not know.
pub(super) const fn verdict(code: u32) -> Verdict {
    match code {
        0 => Verdict::Done,
        51 | 52 => Verdict::Later,
        3 | 80 => Verdict::Unclear,
        _ => Verdict::Refused,
    }
}

/// No such object: the base of a search is not there.
pub(super) const NO_SUCH_OBJECT: u32 = 32;
/// No such attribute: a value that was to be taken away is not there.
pub(super) const NO_SUCH_ATTRIBUTE: u32 = 16;
/// There were more entries than were wanted.
pub(super) const SIZE_LIMIT: u32 = 4;

/// Its name.
pub(super) const fn name(code: u32) -> &'static str {
    match code {
        0 => "success",
        1 => "operationsError",
        2 => "protocolError",
        3 => "timeLimitExceeded",
        4 => "sizeLimitExceeded",
        7 => "authMethodNotSupported",
        8 => "strongerAuthRequired",
        10 => "referral",
        11 => "adminLimitExceeded",
        12 => "unavailableCriticalExtension",
        13 => "confidentialityRequired",
        16 => "noSuchAttribute",
        17 => "undefinedAttributeType",
        18 => "inappropriateMatching",
        19 => "constraintViolation",
        20 => "attributeOrValueExists",
        21 => "invalidAttributeSyntax",
        32 => "noSuchObject",
        34 => "invalidDNSyntax",
        48 => "inappropriateAuthentication",
        49 => "invalidCredentials",
        50 => "insufficientAccessRights",
        51 => "busy",
        52 => "unavailable",
        53 => "unwillingToPerform",
        54 => "loopDetect",
        65 => "objectClassViolation",
        71 => "affectsMultipleDSAs",
        80 => "other",
        _ => "an unknown result",
    }
}

/// What Active Directory means by `data 52e` in its words about a sign-in.
pub(super) fn windows(said: &str) -> Option<&'static str> {
    let (_, data) = said.split_once("data ")?;
    let data = data.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    Some(match data {
        "525" => "there is no such account",
        "52e" => "the password is wrong",
        "530" => "not at this hour",
        "531" => "not from this machine",
        "532" => "the password has run out",
        "533" => "the account is disabled",
        "701" => "the account has run out",
        "773" => "the password must be changed first",
        "775" => "the account is locked out",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_with_a_reason_is_a_refusal() {
        for (code, expect) in [
            (0, Verdict::Done),
            (3, Verdict::Unclear),
            (16, Verdict::Refused),
            (50, Verdict::Refused),
            (51, Verdict::Later),
            (52, Verdict::Later),
            (53, Verdict::Refused),
            (80, Verdict::Unclear),
            (4096, Verdict::Refused),
        ] {
            assert_eq!(verdict(code), expect, "{code}");
        }
        let said = "80090308: LdapErr: DSID-0C090446, comment: AcceptSecurityContext error, data 775, v4563";
        assert_eq!(windows(said), Some("the account is locked out"));
        assert_eq!(windows("data 5"), None);
        assert_eq!(windows("no"), None);
    }
}
