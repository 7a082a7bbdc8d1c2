//! What the same HTTP stack answers when nothing is behind it; also the functions that tasks call.
//!
//! Never here: anything that the server under test does.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

/// A function with this in its name takes [`SLOW`].
pub const SLOW_NAME: &str = "slow";
/// A function with this in its name takes [`STUCK`].
pub const STUCK_NAME: &str = "stuck";
/// Where it says how many calls of functions have arrived.
pub const ARRIVED: &str = "/arrived";
/// Where it says how many functions have answered.
pub const CALLS: &str = "/calls";
/// How long a slow function takes.
const SLOW: Duration = Duration::from_secs(1);

/// How long a stuck function takes: longer than any figure.
const STUCK: Duration = Duration::from_secs(3_600);

/// Reads each request, answers `{}`. Prints its port and serves until it is killed.
pub fn serve() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        // More than the slow calls that a figure makes at once.
        let listener = tokio::net::TcpSocket::new_v4()?;
        listener.set_reuseaddr(true)?;
        listener.bind(([127, 0, 0, 1], 0).into())?;
        let listener = listener.listen(4096)?;
        println!("{}", listener.local_addr()?.port());
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(async move {
                let service = service_fn(answer);
                // A client that goes away ends its connection; that is no error here.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    })
}

/// How many functions have answered.
static ANSWERED: AtomicU64 = AtomicU64::new(0);
/// How many were called.
static CALLED: AtomicU64 = AtomicU64::new(0);

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path();
    if path == CALLS {
        return Ok(Response::new(ANSWERED.load(Ordering::Relaxed).to_string().into()));
    }
    if path == ARRIVED {
        return Ok(Response::new(CALLED.load(Ordering::Relaxed).to_string().into()));
    }
    let (is_function, is_slow) = (path.len() > 1, path.contains(SLOW_NAME));
    let is_stuck = path.contains(STUCK_NAME);
    let _ = request.into_body().collect().await;
    if is_function {
        CALLED.fetch_add(1, Ordering::Relaxed);
    }
    if is_stuck {
        tokio::time::sleep(STUCK).await;
    }
    if is_slow {
        tokio::time::sleep(SLOW).await;
    }
    if is_function {
        ANSWERED.fetch_add(1, Ordering::Relaxed);
    }
    Ok(Response::new(Full::new(Bytes::from_static(b"{}"))))
}
