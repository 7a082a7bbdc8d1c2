//! An endpoint of S3 that answers by script, and keeps what it was asked.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use connectors::{AwsSettings, Objects, Settings};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::buckets::objects;

pub struct Endpoint {
    url: String,
    /// Method and path with query, in the order in which they were answered.
    pub seen: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    /// `answer` gets method and path with query, and gives status and body.
    pub async fn start(answer: impl Fn(&str) -> (u16, String) + Clone + Send + Sync + 'static) -> Endpoint {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let told = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, told) = (answer.clone(), Arc::clone(&told));
                tokio::spawn(async move {
                    let service = service_fn(|request| answered(request, &answer, &told));
                    let server = hyper::server::conn::http1::Builder::new();
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Endpoint { url, seen }
    }

    pub fn objects(&self) -> Objects {
        let endpoints = [("s3".to_owned(), self.url.clone())].into();
        objects(Settings { aws: AwsSettings { endpoints, ..AwsSettings::default() }, ..Settings::default() })
    }
}

async fn answered(
    request: Request<Incoming>,
    answer: &impl Fn(&str) -> (u16, String),
    seen: &Mutex<Vec<String>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let line = format!("{} {}", request.method(), request.uri());
    request.into_body().collect().await.unwrap();
    let (status, body) = answer(&line);
    seen.lock().unwrap().push(line);
    let response = Response::builder().status(status).header("etag", "\"e\"");
    Ok(response.body(Full::new(Bytes::from(body))).unwrap())
}
