//! Step two of authentication: does the signature prove the claim? Signatures are compared in constant time.

use crate::canonical::{self, Rules, UNSIGNED_PAYLOAD};
use crate::{Claim, Computed, Refusal, Request, Secret, SigningKey, encoding, signing_key};

/// What a presigned URL carries beyond what was signed: its own signature, and with some signers the session token.
const AFTER_SIGNING: [&str; 2] = ["X-Amz-Signature", "X-Amz-Security-Token"];

impl Claim<'_> {
    /// Checks the signature against the secret of the claimed access key. `request` is the one the claim was read
    /// from. The refusal holds what the signature should have been made of.
    pub fn verify(&self, request: &Request<'_>, secret: &Secret) -> Result<(), Refusal> {
        self.verify_with_key(request, &signing_key(secret, &self.scope_date, &self.region, &self.service))
    }

    /// Like [`Claim::verify`], with a key derived earlier for this claim's access key, `scope_date`, `region` and
    /// `service`.
    pub fn verify_with_key(&self, request: &Request<'_>, key: &SigningKey) -> Result<(), Refusal> {
        let signature = encoding::unhex(&self.signature).unwrap_or_default();
        let expected = self.computed(request, &canonical::payload(request), 1);
        let matches = |computed: &Computed| key.made(&signature, &computed.string_to_sign);
        if matches(&expected) || self.presigned && self.variants(request).iter().any(matches) {
            return Ok(());
        }
        Err(Refusal::WrongSignature(Box::new(expected)))
    }

    /// Other texts that signers of presigned URLs are known to sign: with the session token added afterwards, and with
    /// S3's payload line. The latter counts only where there is no body that it could leave open.
    fn variants(&self, request: &Request<'_>) -> [Computed; 3] {
        let hashed = canonical::payload(request);
        let open = if request.body.is_empty() { UNSIGNED_PAYLOAD } else { &hashed };
        [(&*hashed, 2), (open, 1), (open, 2)].map(|(payload, unsigned)| self.computed(request, payload, unsigned))
    }

    /// The canonical request and string to sign, leaving the first `unsigned` of [`AFTER_SIGNING`] out of the query.
    fn computed(&self, request: &Request<'_>, payload: &str, unsigned: usize) -> Computed {
        let rules = Rules {
            path: self.path,
            signed_headers: &self.signed_headers,
            unsigned_parameters: if self.presigned { AFTER_SIGNING.get(..unsigned).unwrap_or_default() } else { &[] },
            payload,
        };
        let canonical_request = canonical::request(request, &rules);
        let string_to_sign = canonical::string_to_sign(&canonical_request, &self.date, &self.region, &self.service);
        Computed { canonical_request, string_to_sign }
    }
}
