//! The protocols' rules, over operations of the real models. `cargo xtask requests` compares all operations
//! with botocore; these tests say what the rules are.

use aws_models::{Operation, service};
use json::Value;

mod errors;
mod hostile;
mod outputs;
mod requests;

fn operation(service_name: &str, action: &str) -> Operation<'static> {
    let service = service(service_name).unwrap_or_else(|| panic!("no {service_name}"));
    service.operation(action).unwrap_or_else(|| panic!("no {service_name}:{action}"))
}

fn parsed(text: &str) -> Value {
    Value::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
