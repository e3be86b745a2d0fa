//! Files in buckets: those that operations leave there, and those that they are to find there. S3 is another service, so they are kept here; the admin API
//! shows and puts them (`/_rolecall/s3-files`). Whether the bucket exists cannot be asked, nor whether the caller may write to it; what is known is how its
//! name looks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserializer, Serializer};
use service::arn::Arn;
use service::prelude::*;

use crate::refused::invalid;

const GIB: u64 = 1 << 30;

/// A file in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3File {
    /// Whose it is.
    pub account: AccountId,
    /// Where it was asked for.
    pub region: String,
    pub bucket: String,
    pub object_key: String,
    /// `application/json`
    pub media_type: String,
    #[serde(serialize_with = "store", deserialize_with = "stored")]
    pub body: Vec<u8>,
    /// How many bytes it stands for, if they are not all here: images of disks are larger than what anybody would send.
    #[serde(default)]
    pub stands_for: Option<u64>,
    pub written_at: Timestamp,
}

/// How bytes are stored: text as it is, anything else in base64.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Text(String),
    Binary { base64: String },
}

fn store<S: Serializer>(body: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    let stored = match std::str::from_utf8(body) {
        Ok(text) => Stored::Text(text.to_owned()),
        Err(_) => Stored::Binary { base64: STANDARD.encode(body) },
    };
    stored.serialize(serializer)
}

fn stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    match Stored::deserialize(deserializer)? {
        Stored::Text(text) => Ok(text.into_bytes()),
        Stored::Binary { base64 } => STANDARD.decode(base64).map_err(serde::de::Error::custom),
    }
}

impl Record for S3File {
    const TABLE: TableDef = TableDef::own("ec2_s3_file", &["bucket", "object_key"], &[]);

    fn key(&self) -> Key {
        Key::new(&[&self.bucket, &self.object_key])
    }
}

impl S3File {
    /// A file that is written now.
    pub fn new(cx: &Cx, bucket: &str, object_key: String, media_type: &str, body: Vec<u8>) -> S3File {
        S3File {
            account: cx.account(),
            region: cx.region_name().to_owned(),
            bucket: bucket.to_owned(),
            object_key,
            media_type: media_type.to_owned(),
            body,
            stands_for: None,
            written_at: cx.now,
        }
    }

    /// A file with JSON in it.
    pub fn json(cx: &Cx, bucket: &str, object_key: String, body: &serde_json::Value) -> S3File {
        S3File::new(cx, bucket, object_key, "application/json", format!("{body:#}\n").into_bytes())
    }

    /// The image of a disk of so many GiB, which only stands for its bytes.
    pub fn disk(cx: &Cx, bucket: &str, object_key: String, gibibytes: i64) -> S3File {
        let bytes = u64::try_from(gibibytes).unwrap_or(0).saturating_mul(GIB);
        let file = S3File::new(cx, bucket, object_key, "application/octet-stream", Vec::new());
        S3File { stands_for: Some(bytes), ..file }
    }

    /// Its bytes.
    pub fn size(&self) -> u64 {
        self.stands_for.unwrap_or_else(|| u64::try_from(self.body.len()).unwrap_or(u64::MAX))
    }
}

/// Whether a bucket can have that name. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
pub fn is_bucket(name: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_stored_as_text_and_bytes_are_stored_too() {
        let (cx, _) = crate::tests::start();
        let text = S3File::json(&cx, "routes", "file".to_owned(), &serde_json::json!({}));
        let binary = S3File { body: vec![0xff, 0, 1], stands_for: Some(7), ..text.clone() };
        for (file, stored, size) in
            [(text, serde_json::json!("{}\n"), 3), (binary, serde_json::json!({"base64": "/wAB"}), 7)]
        {
            let document = serde_json::to_value(&file).unwrap();
            assert_eq!((&document["body"], file.size()), (&stored, size));
            assert_eq!(serde_json::from_value::<S3File>(document).unwrap(), file);
        }
    }
}
