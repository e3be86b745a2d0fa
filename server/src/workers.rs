//! The threads that serve connections: one for each core, each with a runtime of its own (docs/adr/015).
//!
//! A connection stays with the worker it was given to: a request is read, decided and answered by the thread that its socket wakes, and no thread has to
//! wake another. What may take long must not hold up a worker's other connections: it is a preparation and runs on the threads for what blocks.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::thread;

use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The threads. They end when this is dropped.
pub struct Workers(Vec<Worker>);

struct Worker {
    runtime: Handle,
    /// Each of its connections holds on to it.
    connections: Arc<()>,
    _running: oneshot::Sender<Infallible>,
}

impl Workers {
    /// Starts them.
    pub fn start() -> io::Result<Workers> {
        let count = thread::available_parallelism().map_or(1, usize::from);
        (0..count).map(|_| Worker::start()).collect::<io::Result<_>>().map(Workers)
    }

    /// Gives a connection to the worker that has the fewest.
    pub fn take<F>(&self, stream: TcpStream, serve: impl FnOnce(TcpStream) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Some(worker) = self.0.iter().min_by_key(|worker| Arc::strong_count(&worker.connections)) else { return };
        let place = worker.connections.clone();
        // It is woken by the runtime it was made in, so it leaves the one that accepted it.
        let Ok(stream) = stream.into_std() else { return };
        worker.runtime.spawn(async move {
            if let Ok(stream) = TcpStream::from_std(stream) {
                serve(stream).await;
            }
            drop(place);
        });
    }
}

impl Worker {
    fn start() -> io::Result<Worker> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (running, ended) = oneshot::channel::<Infallible>();
        thread::Builder::new().name("worker".to_owned()).spawn(move || drop(runtime.block_on(ended)))?;
        Ok(Worker { runtime: handle, connections: Arc::new(()), _running: running })
    }
}
