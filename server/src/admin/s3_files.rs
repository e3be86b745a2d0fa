//! Files in buckets of S3, which is not here: those that EC2's operations left there, and those that they are to find there, as images of disks.
//! `GET /_rolecall/s3-files` lists them; `GET`, `PUT` and `DELETE /_rolecall/s3-files/BUCKET/KEY` answer one as it is, put it there and take it away.

use std::sync::Arc;

use ec2::s3_file::{self, S3File};
use hyper::Method;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use service::AccountId;
use storage::Tx;

use super::parameters::Parameters;
use super::{Refusal, Reply, bad, missing, not_stored};
use crate::request::Raw;
use crate::server::Server;

const PATH: &str = "/_rolecall/s3-files/";
/// What S3 says of a file that nobody said more of.
const UNKNOWN_TYPE: &str = "binary/octet-stream";
/// Where buckets are made, unless another region is named.
const USUAL_REGION: &str = "us-east-1";
/// The largest file that S3 takes: 50 TB. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html>
const MOST_BYTES: u64 = 50_000_000_000_000;
/// The longest key, in bytes. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>
const MOST_KEY_BYTES: usize = 1_024;

/// All files, without what is in them.
pub(super) async fn list(server: &Server) -> Value {
    let world = server.store.snapshot(server.clock.read().now).await;
    let files: Vec<Value> = world.scan::<S3File>(&[]).map(|file| show(file)).collect();
    json!({"s3Files": files})
}

fn show(file: &S3File) -> Value {
    json!({
        "account": file.account,
        "region": file.region,
        "bucket": file.bucket,
        "key": file.object_key,
        "mediaType": file.media_type,
        "size": file.size(),
        "writtenAt": file.written_at,
    })
}

/// The bucket and the key that the request's path names.
fn named(raw: &Raw) -> Option<(String, String)> {
    let path = raw.parts.uri.path().strip_prefix(PATH)?;
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let (bucket, key) = path.split_once('/').filter(|(_, key)| !key.is_empty())?;
    Some((bucket.to_owned(), key.to_owned()))
}

/// The bucket and the key of the file that a request reads; `None` for any other request.
pub(super) fn read_by(raw: &Raw) -> Option<(String, String)> {
    named(raw).filter(|_| raw.parts.method == Method::GET)
}

/// The file, if there is one.
pub(super) async fn find(server: &Server, (bucket, key): &(String, String)) -> Option<Arc<S3File>> {
    let world = server.store.snapshot(server.clock.read().now).await;
    world.get::<S3File>(&[bucket, key]).cloned()
}

/// Puts a file or takes one away; `None` for any other request.
pub(super) async fn change(server: &Server, raw: &Raw) -> Option<Reply> {
    let (bucket, key) = named(raw)?;
    match raw.parts.method {
        Method::PUT => Some(put(server, raw, bucket, key).await),
        Method::DELETE => Some(remove(server, bucket, key).await),
        _ => None,
    }
}

/// The body is the file. What stands for a large one says its `size`; `region` is where the bucket is, `account` whose it is.
async fn put(server: &Server, raw: &Raw, bucket: String, key: String) -> Reply {
    if !s3_file::is_bucket(&bucket) {
        return Err(bad(format!("`{bucket}` can be no bucket's name")));
    }
    if key.len() > MOST_KEY_BYTES {
        return Err(bad(format!("a key has at most {MOST_KEY_BYTES} bytes")));
    }
    let mut parameters = Parameters::parse(raw.parts.uri.query().unwrap_or_default());
    let size = parameters.take("size").map(|text| bytes(&text)).transpose()?;
    let region = parameters.take("region").unwrap_or_else(|| USUAL_REGION.to_owned());
    let account = parameters.take("account").map(|text| account(&text)).transpose()?;
    parameters.end()?;
    if service::regions::region(&region).is_none() {
        return Err(bad(format!("`{region}` is no region")));
    }
    let now = server.clock.read().now;
    let file = S3File {
        account: account.unwrap_or(server.settings.default_account),
        region,
        bucket,
        object_key: key,
        media_type: raw.header("content-type").unwrap_or(UNKNOWN_TYPE).to_owned(),
        body: raw.body.to_vec(),
        stands_for: size,
        written_at: now,
    };
    let shown = show(&file);
    let written = server.store.write(now, move |tx: &mut Tx| {
        tx.put(file.clone());
        Ok::<(), std::convert::Infallible>(())
    });
    written.await.map_err(|_| not_stored("the file"))?;
    Ok(shown)
}

async fn remove(server: &Server, bucket: String, key: String) -> Reply {
    let now = server.clock.read().now;
    let written = server.store.write(now, move |tx: &mut Tx| {
        tx.remove::<S3File>(&[&bucket, &key]).map(drop).ok_or_else(|| missing("there is no such file"))
    });
    written.await.map_err(|error| match error {
        storage::WriteError::Refused(refusal) => refusal,
        storage::WriteError::Failed(_) | storage::WriteError::Panicked => not_stored("it"),
    })?;
    Ok(json!({"deleted": true}))
}

fn account(text: &str) -> Result<AccountId, Refusal> {
    text.parse().map_err(|_| bad(format!("`{text}` is no account")))
}

/// A number of bytes: `1048576`, `512MiB`, `20GiB`, `2TiB`.
fn bytes(text: &str) -> Result<u64, Refusal> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit: u64 = match text.get(digits.len()..).unwrap_or_default() {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => 0,
    };
    let size = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    size.filter(|size| unit > 0 && *size <= MOST_BYTES)
        .ok_or_else(|| bad(format!("`{text}` is no size such as 1048576, 512MiB or 20GiB, up to 50 TB")))
}
