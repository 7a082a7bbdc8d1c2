//! The shell: it keeps the records, and waits for those who are called.
//!
//! A change is visible once it is committed, and only then acknowledged. Never here: what an operation or a request
//! means (`control`, `invoke`, `http_api`); sockets.

mod caches;
mod http;
mod place;
mod rest;
mod test_invoke;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use aws_names::Scope;
use json::Value;
use services::records::{Changes, Draft, Records};
use tokens::Issuers;

use crate::backend::{Answering, Backend};
use crate::bearer::Verifying;
use crate::control::{self, Work};
use crate::exchange::{Request, Response};
use crate::fault::Fault;
use crate::http_api;
use crate::usage::Meters;
use services::Members;
use services::Moment;

use caches::Caches;
pub use place::Asked;

/// Who keeps the records.
pub trait Kept: Send + Sync {
    /// Makes changes durable, all or none; or says why not.
    fn commit<'a>(&'a self, changes: &'a Changes) -> Answering<'a, Result<(), Fault>>;
}

/// Who the APIs are.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Region and account, for ARNs and contexts.
    pub scope: Scope,
}

/// The APIs of this server: their operations, and requests to them.
pub struct Front {
    settings: Settings,
    kept: Arc<dyn Kept>,
    backend: Arc<dyn Backend>,
    records: RwLock<Records>,
    /// One change after the other: each is made of what the last one left.
    changing: tokio::sync::Mutex<()>,
    caches: Mutex<Caches>,
    meters: Mutex<Meters>,
    /// The keys of those whose tokens let in.
    issuers: Issuers,
}

impl Front {
    /// With what was kept.
    pub fn new(
        records: Records,
        kept: Arc<dyn Kept>,
        backend: Arc<dyn Backend>,
        settings: Settings,
    ) -> Front {
        Front {
            settings,
            kept,
            backend,
            records: RwLock::new(records),
            changing: tokio::sync::Mutex::new(()),
            caches: Mutex::default(),
            meters: Mutex::default(),
            issuers: Issuers::default(),
        }
    }

    /// Carries out an operation of `apigateway`. What it changes is durable when it answers.
    pub async fn operate(&self, operation: &str, input: &Value, moment: &mut Moment) -> Result<Value, Fault> {
        match operation {
            "TestInvokeMethod" => self.test_method(input, moment).await,
            "TestInvokeAuthorizer" => self.test_authorizer(input, moment).await,
            "GetUsage" => {
                // What was counted since the last time is part of the answer.
                self.keep_usage().await?;
                self.change(moment, |work| control::perform(operation, input, work)).await
            }
            _ => {
                let answer = self.change(moment, |work| control::perform(operation, input, work)).await;
                if operation == "FlushStageAuthorizersCache" && answer.is_ok() {
                    self.caches()
                        .forget_decisions(input.text_or_empty("restApiId"), input.text_or_empty("stageName"));
                }
                answer
            }
        }
    }

    /// Carries out an operation of `apigatewayv2`. What it changes is durable when it answers.
    pub async fn operate_http(
        &self,
        operation: &str,
        input: &Value,
        moment: &mut Moment,
    ) -> Result<Value, Fault> {
        self.change(moment, |work| http_api::perform(operation, input, work)).await
    }

    async fn change<T>(
        &self,
        moment: &mut Moment,
        operation: impl FnOnce(&mut Work<'_, '_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let _one_at_a_time = self.changing.lock().await;
        let (answer, changes) = {
            let records = self.records();
            let mut draft = Draft::new(&records);
            let answer = operation(&mut Work { draft: &mut draft, scope: &self.settings.scope, moment })?;
            (answer, draft.changes())
        };
        if !changes.is_empty() {
            self.kept.commit(&changes).await?;
            self.take_over(&changes);
        }
        Ok(answer)
    }

    /// What tokens are verified with.
    fn verifying(&self, now: i64) -> Verifying<'_> {
        Verifying { issuers: &self.issuers, backend: &self.backend, now }
    }

    /// Whether there is any usage to be written down.
    pub(crate) fn has_counted(&self) -> bool {
        self.meters().has_changed()
    }

    /// Writes down how much the holders of keys have called since this was last done: every second is often enough, as
    /// AWS's own quotas are no exact ones.
    pub async fn keep_usage(&self) -> Result<(), Fault> {
        let _one_at_a_time = self.changing.lock().await;
        let changes = self.meters().changed();
        if !changes.is_empty() {
            self.kept.commit(&changes).await?;
            self.take_over(&changes);
        }
        Ok(())
    }

    /// Answers a request to the API and stage that [`Front::asked`] found in its place.
    pub async fn answer(&self, asked: &Asked, request: Request, moment: &mut Moment) -> Response {
        let is_http = asked.is_http(&self.records());
        let mut response = match is_http {
            true => self.answer_http(asked, request, moment).await,
            false => self.answer_rest(asked, request, moment).await,
        };
        // What names the connection is its own business.
        response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
        response
    }

    fn take_over(&self, changes: &Changes) {
        self.records.write().unwrap_or_else(PoisonError::into_inner).take_over(changes);
        self.caches().forget(changes);
    }

    fn records(&self) -> RwLockReadGuard<'_, Records> {
        self.records.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn caches(&self) -> MutexGuard<'_, Caches> {
        self.caches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn meters(&self) -> MutexGuard<'_, Meters> {
        self.meters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Front {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Front").field("settings", &self.settings).finish_non_exhaustive()
    }
}
