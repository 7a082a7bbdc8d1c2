//! Answers `{ posts { id title views } }` with twenty posts. Prints its port and serves until it is killed.

use std::convert::Infallible;

use async_graphql::{EmptyMutation, EmptySubscription, ID, Object, Request, Schema, SimpleObject};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Response, header};
use hyper_util::rt::TokioIo;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Clone, SimpleObject)]
struct Post {
    id: ID,
    title: String,
    views: i32,
}

struct Query;

#[Object]
impl Query {
    async fn posts(&self) -> Vec<Post> {
        (0..20).map(|number| Post { id: number.to_string().into(), title: format!("Post {number}"), views: number }).collect()
    }
}

type Served = Schema<Query, EmptyMutation, EmptySubscription>;

async fn answer(schema: Served, request: hyper::Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let response = match serde_json::from_slice::<Request>(&body) {
        Ok(request) => serde_json::to_vec(&schema.execute(request).await).unwrap_or_default(),
        Err(error) => error.to_string().into_bytes(),
    };
    let mut response = Response::new(Full::new(Bytes::from(response)));
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    Ok(response)
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?.port());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let schema = schema.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(schema.clone(), request));
            // A client that goes away ends its connection; that is no error here.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
