//! Files that operations leave in buckets. S3 is another service, so they are kept here, and the admin API shows them (`/_rolecall/s3-files`). Whether the
//! bucket exists cannot be asked, nor whether the caller may write to it; what is known is how its name looks.

use service::arn::Arn;
use service::prelude::*;

use crate::refused::invalid;

/// A file in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3File {
    /// Who wrote it.
    pub account: AccountId,
    /// Where it was asked for.
    pub region: String,
    pub bucket: String,
    pub object_key: String,
    /// `application/json`
    pub media_type: String,
    pub body: String,
    pub written_at: Timestamp,
}

impl Record for S3File {
    const TABLE: TableDef = TableDef::own("ec2_s3_file", &["bucket", "object_key"], &[]);

    fn key(&self) -> Key {
        Key::new(&[&self.bucket, &self.object_key])
    }
}

impl S3File {
    /// A file with JSON in it, which is written now.
    pub fn json(cx: &Cx, bucket: &str, object_key: String, body: &serde_json::Value) -> S3File {
        S3File {
            account: cx.account(),
            region: cx.region_name().to_owned(),
            bucket: bucket.to_owned(),
            object_key,
            media_type: "application/json".to_owned(),
            body: format!("{body:#}\n"),
            written_at: cx.now,
        }
    }
}

/// Whether a bucket can have that name. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn is_bucket(name: &str) -> bool {
    let known = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || ".-".contains(letter);
    (3..=63).contains(&name.len()) && name.chars().all(known)
}

/// How EC2 refuses what can be no bucket's name; the text is ours.
pub fn must_be_a_bucket(name: &str) -> Result<(), ApiError> {
    if is_bucket(name) { Ok(()) } else { Err(invalid(format!("The bucket name '{name}' is not valid."))) }
}

/// The bucket and the path in it, without slashes at its ends, that the ARN of a place in S3 names: `arn:aws:s3:::bucket/path/`.
pub fn place(arn: &str) -> Option<(&str, &str)> {
    let parsed = Arn::parse(arn).filter(|arn| arn.service == "s3")?;
    let (bucket, path) = parsed.resource.split_once('/').unwrap_or((parsed.resource, ""));
    is_bucket(bucket).then(|| (bucket, path.trim_matches('/')))
}
