//! Pipelines: before, functions, after. (spec/appsync.md §5)

use std::sync::Arc;

use appsync_js::{EarlyReturn, Handler};
use graphql::FieldError;
use json::{Text, Value};

use super::handlers::Moved;
use super::{Run, failed};
use crate::api::{Function, Handlers};

impl Run<'_> {
    pub(super) async fn pipeline(
        &mut self,
        around: &Handlers,
        functions: &[Result<Arc<Function>, Text>],
    ) -> Result<Value, FieldError> {
        let is_code = matches!(around, Handlers::Code(_));
        let last = match self.before(around)? {
            Moved::On(value) => self.functions(functions, value).await?,
            Moved::Returned(value, EarlyReturn::Next) => self.functions(functions, value).await?,
            // Code goes on with the response handler; templates are done.
            Moved::Returned(value, _) if is_code => value,
            Moved::Returned(value, _) => return Ok(value),
        };
        self.context.insert("result", last.clone());
        self.previous(&last);
        let (Moved::On(value) | Moved::Returned(value, _)) = self.read_response(around, last)?;
        Ok(value)
    }

    fn before(&mut self, around: &Handlers) -> Result<Moved, FieldError> {
        match around {
            Handlers::Code(code) if !code.has(Handler::Request) => Ok(Moved::On(Value::Null)),
            _ => self.handle(around, Handler::Request),
        }
    }

    async fn functions(
        &mut self,
        functions: &[Result<Arc<Function>, Text>],
        before: Value,
    ) -> Result<Value, FieldError> {
        let resolver = self.step.clone();
        let mut last = before;
        for function in functions {
            let function = match function {
                Ok(function) => function,
                Err(id) => {
                    return Err(failed("BadRequest", format!("The function {id} does not exist")));
                }
            };
            self.step = format!("{resolver}/{}", function.name).into();
            self.previous(&last);
            self.context.insert("result", Value::Null);
            match self.step(&function.step).await? {
                Moved::On(value) | Moved::Returned(value, EarlyReturn::Default | EarlyReturn::Next) => {
                    last = value;
                }
                Moved::Returned(value, EarlyReturn::End) => {
                    last = value;
                    break;
                }
            }
        }
        self.step = resolver;
        Ok(last)
    }

    /// `ctx.prev.result`
    fn previous(&mut self, result: &Value) {
        self.context.insert("prev", json::value!({"result": (result.clone())}));
    }
}
