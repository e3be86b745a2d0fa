//! What a parameter's name and a path may look like, with AWS's sentences (as clients' issues quote them, misplaced backslashes included).

use service::ApiError;
use service::arn::Arn;

const MALFORMED: &str = "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_";

const NO_PATH: &str = "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \"/\". It can't be prefixed with \\\"aws\\\" or \\\"ssm\\\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol \"/\". Valid example: /get/parameters2-/by1./path0_.";

/// The name of a parameter to be read, with or without a version or label; or its ARN.
pub fn check(text: &str) -> Result<(), ApiError> {
    let well = match text.starts_with("arn:") {
        true => Arn::parse(text).is_some_and(|arn| arn.service == "ssm" && arn.resource.starts_with("parameter/")),
        false => is_name(text.split(':').next().unwrap_or(text)),
    };
    if well { Ok(()) } else { Err(ApiError::validation(MALFORMED)) }
}

/// A name with a slash in it begins with one.
fn is_name(name: &str) -> bool {
    let parts = name.strip_prefix('/').unwrap_or(name);
    parts.split('/').all(is_part) && !is_prefixed(parts, "ssm") && (name.starts_with('/') || !name.contains('/'))
}

/// The path of parameters to be listed. AWS's own names begin with `aws/service`, which is no prefix in this sense.
pub fn check_path(path: &str) -> Result<(), ApiError> {
    let parts = path.strip_prefix('/').map(|parts| parts.strip_suffix('/').unwrap_or(parts));
    let is_path = parts.is_some_and(|parts| {
        let own = is_prefixed(parts, "ssm") || (is_prefixed(parts, "aws") && !parts.starts_with("aws/service"));
        path == "/" || (parts.split('/').all(is_part) && !own)
    });
    if is_path { Ok(()) } else { Err(ApiError::validation(NO_PATH)) }
}

fn is_part(part: &str) -> bool {
    !part.is_empty() && part.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_".contains(letter))
}

fn is_prefixed(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in [
            "a",
            "/a",
            "/a/b.c-d_e",
            "a:3",
            "/a/b:label",
            "arn:aws:ssm:us-east-1::parameter/aws/service/x:2",
            "/aws/service/x",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", "/", "a/b", "{test}-test", "/a//b", "ssm-one", "/SSM/x", "a b", "arn:aws:s3:::bucket"] {
            assert_eq!(check(bad), Err(ApiError::validation(MALFORMED)), "{bad}");
        }
    }

    #[test]
    fn paths() {
        for good in ["/", "/a", "/a/", "/aws/service/ami-amazon-linux-latest", "/aws/service/"] {
            assert!(check_path(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "/aws", "/AWS/x", "/ssm", "//", "/a b", "/a//b"] {
            assert_eq!(check_path(bad), Err(ApiError::validation(NO_PATH)), "{bad}");
        }
    }
}
