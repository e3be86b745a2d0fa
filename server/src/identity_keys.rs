//! The keys of instance identity documents: drawn outside the store when they are asked for first, once however many ask, and kept.

use std::convert::Infallible;
use std::sync::Arc;

use imds::IdentityKeys;
use storage::Tx;
use tokio::sync::Mutex;

use crate::server::Server;

/// Held by who draws, so that others wait for the same keys.
#[derive(Debug, Default)]
pub struct Drawing(Mutex<()>);

/// The keys, drawn now if there are none. `None` if the store does not take them.
pub async fn ready(server: &Server) -> Option<Arc<IdentityKeys>> {
    if let Some(keys) = held(server).await {
        return Some(keys);
    }
    let _turn = server.drawing.0.lock().await;
    if let Some(keys) = held(server).await {
        return Some(keys);
    }
    let seed = server.random_32();
    let drawn = tokio::task::spawn_blocking(move || IdentityKeys::draw(seed)).await.ok()??;
    let written = server.store.write(server.clock.read().now, move |tx: &mut Tx| {
        if IdentityKeys::of(tx).is_none() {
            tx.put(drawn.clone());
        }
        Ok::<(), Infallible>(())
    });
    written.await.ok()?;
    held(server).await
}

async fn held(server: &Server) -> Option<Arc<IdentityKeys>> {
    IdentityKeys::of(&server.store.snapshot(server.clock.read().now).await)
}
