//! Reading a request's body: no more than its bound, and not for ever.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, Incoming};

use crate::error::ApiError;
use crate::patience::{Part, Progress};

/// A definition of 1 MiB fits, which is what the model allows: as a JSON string its quotes and line
/// breaks take two bytes each, which makes it up to half as long again. (AWS stops at 1 MiB in all.)
pub(crate) const BODY_BYTES_MAX: usize = 3 << 19;
/// Of a body that is too long, so much is read and thrown away: a client that has not sent all of
/// it would not read our answer, but see its connection break.
const DISCARDED_BYTES_MAX: usize = 8 << 20;
/// And for at most so long.
const DISCARDING_PATIENCE: Duration = Duration::from_millis(500);

/// The whole body, which has at most so many bytes.
pub(crate) async fn read(
    mut body: Incoming,
    bytes_max: usize,
    progress: &Progress,
) -> Result<Bytes, ApiError> {
    // A declared length is refused before the first byte is read.
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let whole = if declared > bytes_max { None } else { collect(&mut body, bytes_max, progress).await? };
    progress.waits_for(Part::Answer);
    if let Some(whole) = whole {
        return Ok(whole);
    }
    let _ = tokio::time::timeout(DISCARDING_PATIENCE, discard(&mut body)).await;
    let message = format!("The request is longer than {bytes_max} bytes.");
    Err(ApiError::new("RequestEntityTooLargeException", message).with_status(413))
}

/// `None` if it is too long.
async fn collect(
    body: &mut Incoming,
    bytes_max: usize,
    progress: &Progress,
) -> Result<Option<Bytes>, ApiError> {
    let mut whole = Bytes::new();
    let mut joined: Vec<u8> = Vec::new();
    while let Some(frame) = next_frame(body, progress).await? {
        let Ok(data) = frame.into_data() else { continue };
        if whole.len().max(joined.len()) + data.len() > bytes_max {
            return Ok(None);
        }
        if whole.is_empty() && joined.is_empty() {
            // Most bodies come in one piece, which needs no copy.
            whole = data;
        } else {
            if joined.is_empty() {
                joined.extend_from_slice(&std::mem::take(&mut whole));
            }
            joined.extend_from_slice(&data);
        }
        // Where the length was declared, its end is known without waiting for it.
        if body.is_end_stream() {
            break;
        }
    }
    Ok(Some(if joined.is_empty() { whole } else { joined.into() }))
}

/// The next piece, or the end. A connection polls this again with each of its ticks, so what is late is
/// found then.
async fn next_frame(body: &mut Incoming, progress: &Progress) -> Result<Option<Frame<Bytes>>, ApiError> {
    poll_fn(|context| match Pin::new(&mut *body).poll_frame(context) {
        Poll::Ready(None) => Poll::Ready(Ok(None)),
        Poll::Ready(Some(Ok(frame))) => Poll::Ready(Ok(Some(frame))),
        Poll::Ready(Some(Err(_))) => Poll::Ready(Err(ApiError::serialization("The body ended early."))),
        Poll::Pending if progress.is_late_with(Part::Body) => {
            let late = ApiError::serialization("The body did not come in time.").with_status(408);
            Poll::Ready(Err(late))
        }
        Poll::Pending => Poll::Pending,
    })
    .await
}

async fn discard(body: &mut Incoming) {
    let mut discarded = 0;
    while let Some(Ok(frame)) = body.frame().await {
        discarded += frame.data_ref().map_or(0, Bytes::len);
        if discarded > DISCARDED_BYTES_MAX {
            return;
        }
    }
}
