//! stub
use super::{Asked, Front};
use crate::exchange::{Request, Response};
use crate::moment::Moment;
impl Front {
    pub(super) async fn answer_http(&self, _: &Asked, _: Request, _: &mut Moment) -> Response { Response::default() }
}
