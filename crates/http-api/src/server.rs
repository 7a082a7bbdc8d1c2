//! The listener and its connections: limits, keep-alive, an orderly end.
//!
//! Never here: what is in a request.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ::appsync::AppSync;
use ::gateway::Gateway;
use ::services::Served;
use connections::Connections;
use engine::Engine;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::authentication::Authentication;
use crate::console::Console;
use crate::front::Front;
use crate::gateway::Peer;
use crate::patience::{Part, Patience, Progress};
use crate::realtime::{Lasting, Lasts};
use crate::stopping::Stopping;
use crate::tls::{Encrypted, Stream, Tls};

/// The headers of one request fit into this; AWS's own bound is lower.
const HEADER_BYTES_MAX: usize = 64 << 10;
/// SDKs send about a dozen.
const HEADERS_MAX: usize = 100;
/// How long to wait after `accept` failed, which means that the process is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How to serve.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who is let in.
    pub authentication: Authentication,
    /// Connections beyond this number wait in the listener's queue.
    pub connections_max: usize,
    /// So many WebSockets and streams of events there may be, besides those.
    pub lasting_max: u32,
    /// How long clients may take to send their requests.
    pub patience: Patience,
    /// How long running requests may take to finish once the server stops.
    pub stop_patience: Duration,
    /// What HTTP tasks are let in with, to be made and changed by callers.
    pub connections: Connections,
    /// What stands around workflows.
    pub services: Served,
    /// The APIs before them.
    pub gateway: Option<Gateway>,
    /// The GraphQL and event APIs.
    pub appsync: Option<AppSync>,
    /// The pages for browsers.
    pub console: Console,
    /// For those who speak TLS, beside plain HTTP.
    pub tls: Option<Tls>,
}

impl Default for Settings {
    /// Anybody, 10,000 connections and 100,000 that last (which idle in 1 GiB or less), ordinary patience with clients, 10 s; nothing is kept.
    fn default() -> Settings {
        Settings {
            authentication: Authentication::Open,
            connections_max: 10_000,
            lasting_max: 100_000,
            patience: Patience::default(),
            stop_patience: Duration::from_secs(10),
            connections: Connections::in_memory(),
            services: Served::new([]),
            gateway: None,
            appsync: None,
            console: Console::default(),
            tls: None,
        }
    }
}

/// Serves until `shutdown` is ready, then lets running requests finish and returns.
///
/// Long polls are answered at once, empty; what takes longer than
/// [`stop_patience`](Settings::stop_patience) is cut off. Bad requests and broken connections never
/// end the server.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    engine: Engine,
    shutdown: impl Future<Output = ()>,
) {
    let (stop, stopping) = Stopping::new();
    let lasting = Lasting::new(settings.lasting_max);
    let Settings { connections, services, gateway, appsync, authentication, console, tls, .. } = settings;
    let front = Arc::new(Front::new(
        engine,
        connections,
        services,
        (gateway, appsync),
        authentication,
        console,
        (stopping.clone(), lasting.clone()),
    ));
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < settings.connections_max => match accepted {
                Ok((stream, _)) => {
                    let (front, tls, stopping) = (front.clone(), tls.clone(), stopping.clone());
                    connections.spawn(connection(stream, tls, front, settings.patience, stopping));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    // An error means that no connection is left to be told.
    let _ = stop.send(true);
    front.stop_services();
    let all_ended = async {
        front.end_lasting().await;
        while connections.join_next().await.is_some() {}
        lasting.all_ended().await;
    };
    if tokio::time::timeout(settings.stop_patience, all_ended).await.is_err() {
        tracing::warn!(cut_off = connections.len(), "requests were still running when the server stopped");
    }
}

async fn connection(
    stream: TcpStream,
    tls: Option<Tls>,
    front: Arc<Front>,
    patience: Patience,
    stopping: Stopping,
) {
    // Without it, a small answer may wait 40 ms for the client's acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let peer = stream.peer_addr().map(|address| Peer(address.ip())).ok();
    let open = Open::new(&front);
    let begun = tokio::select! {
        begun = Stream::begin(stream, tls.as_ref(), patience.head) => begun,
        // Nothing was asked yet.
        () = stopping.begins() => return,
    };
    let stream = match begun {
        Ok(stream) => stream,
        Err(error) => {
            tracing::debug!(%error, "a connection did not begin");
            return;
        }
    };
    let is_encrypted = stream.is_encrypted();
    let progress = Progress::new(patience);
    let service = service_fn(|mut request: Request<Incoming>| {
        if is_encrypted {
            request.extensions_mut().insert(Encrypted);
        }
        let (front, progress) = (&front, &progress);
        async move {
            progress.waits_for(Part::Body);
            let answer = front.answer(request, peer, progress).await;
            let lasts = answer.extensions().get::<Lasts>().is_some();
            progress.waits_for(if lasts { Part::Answer } else { Part::Head });
            Ok::<_, Infallible>(answer)
        }
    });
    let connection = http1::Builder::new()
        .max_buf_size(HEADER_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let mut ticks = tokio::time::interval(patience.tick());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = false;
    loop {
        tokio::select! {
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke");
                }
                break;
            }
            _ = ticks.tick() => {
                progress.tick();
                if progress.is_late_with(Part::Head) {
                    break;
                }
            }
            () = stopping.begins(), if !told => {
                told = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
    drop(open);
}

/// Counts a connection for as long as it lives.
struct Open<'f>(&'f Front);

impl Open<'_> {
    fn new(front: &Front) -> Open<'_> {
        front.metrics.connections.fetch_add(1, Ordering::Relaxed);
        Open(front)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.metrics.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
