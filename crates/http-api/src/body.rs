//! Reading a request's body: no more than its bound, and not for ever.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};

use crate::error::ApiError;

/// A definition of 1 MiB fits, which is what the model allows: as a JSON string its quotes and line
/// breaks take two bytes each, which makes it up to half as long again. (AWS stops at 1 MiB in all.)
pub(crate) const BODY_BYTES_MAX: usize = 3 << 19;
/// How long a client may take to send its body.
const PATIENCE: Duration = Duration::from_secs(30);
/// Of a body that is too long, so much is read and thrown away: a client that has not sent all of
/// it would not read our answer, but see its connection break.
const DISCARDED_BYTES_MAX: usize = 8 << 20;
/// And for at most so long.
const DISCARDING_PATIENCE: Duration = Duration::from_millis(500);

/// The whole body, which has at most so many bytes.
pub(crate) async fn read(mut body: Incoming, bytes_max: usize) -> Result<Bytes, ApiError> {
    // A declared length is refused before the first byte is read.
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let whole = if declared > bytes_max {
        None
    } else {
        let late = |_| ApiError::serialization("The body did not come in time.").with_status(408);
        tokio::time::timeout(PATIENCE, collect(&mut body, bytes_max)).await.map_err(late)??
    };
    if let Some(whole) = whole {
        return Ok(whole);
    }
    let _ = tokio::time::timeout(DISCARDING_PATIENCE, discard(&mut body)).await;
    let message = format!("The request is longer than {bytes_max} bytes.");
    Err(ApiError::new("RequestEntityTooLargeException", message).with_status(413))
}

/// `None` if it is too long.
async fn collect(body: &mut Incoming, bytes_max: usize) -> Result<Option<Bytes>, ApiError> {
    let mut whole = Bytes::new();
    let mut joined: Vec<u8> = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::serialization("The body ended early."))?;
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

async fn discard(body: &mut Incoming) {
    let mut discarded = 0;
    while let Some(Ok(frame)) = body.frame().await {
        discarded += frame.data_ref().map_or(0, Bytes::len);
        if discarded > DISCARDED_BYTES_MAX {
            return;
        }
    }
}
