//! What EC2's operations left in buckets of S3, which is not here: `GET /_rolecall/s3-files` lists it, `GET /_rolecall/s3-files/BUCKET/KEY` is the file.

use std::sync::Arc;

use ec2::s3_file::S3File;
use hyper::Method;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::request::Raw;
use crate::server::Server;

const PATH: &str = "/_rolecall/s3-files/";

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
        "size": file.body.len(),
        "writtenAt": file.written_at,
    })
}

/// The file that the request's path names; `None` for any other request.
pub(super) async fn find(server: &Server, raw: &Raw) -> Option<Arc<S3File>> {
    let path = raw.parts.uri.path().strip_prefix(PATH).filter(|_| raw.parts.method == Method::GET)?;
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let (bucket, key) = path.split_once('/')?;
    let world = server.store.snapshot(server.clock.read().now).await;
    world.get::<S3File>(&[bucket, key]).cloned()
}
