//! Requests to services, in each protocol: whatever body and headers come, an operation has an input, or its refusal is written.
//!
//! The first line is the head (`POST /?Action=…`, and behind a blank the target or the content type), the rest is the body.

#![no_main]

use std::sync::LazyLock;

use aws_protocols::serve::{Incoming, Offered, Unknown};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

static OFFERED: LazyLock<Offered> = LazyLock::new(|| {
    let names = [
        "sqs",
        "sns",
        "events",
        "scheduler",
        "lambda",
        "apigateway",
        "apigatewayv2",
        "dynamodb",
        "appsync",
        "rds-data",
    ];
    Offered::new(names.map(|name| aws_models::service(name).expect("AWS has this service")))
});

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (head, body) = text.split_once('\n').unwrap_or((text, ""));
    let mut words = head.split(' ');
    let (method, address) = (words.next().unwrap_or_default(), words.next().unwrap_or("/"));
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let headers: Vec<(&str, &str)> = words.filter_map(|word| word.split_once(':')).collect();
    let incoming = Incoming { method, path, query, headers: &headers, body: body.as_bytes() };
    fuzz::bounded(|| match OFFERED.find(&incoming) {
        Ok(asked) => {
            let outcome = asked.input(&incoming).and_then(|input| asked.check(&input).map(|()| input));
            if let Err(fault) = outcome {
                assert!(!fault.code.is_empty());
                assert!(asked.refusal(&fault, "request").status >= 400);
            }
        }
        Err(Unknown::Operation(unknown)) => assert!(unknown.answer("request").status >= 400),
        Err(Unknown::Elsewhere) => {}
    });
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::vary_pieces(data, size, max_size, seed, &fuzz::front_pieces::REQUEST)
});
