//! Says where operations are: lines `SERVICE ACTION REGION` of the standard input become lines
//! `HOST[/PATH] SIGNING-REGION SIGNING-NAME` or `-`. `cargo xtask requests` compares them with botocore's.
//!
//! `cargo run -p aws-models --example hosts`

use std::io::{self, BufRead, BufWriter, Write};

fn main() -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        let fields: Vec<&str> = line.split(' ').collect();
        let [service, action, region] = fields[..] else {
            return Err(io::Error::other(format!("not SERVICE ACTION REGION: {line}")));
        };
        let operation = aws_models::service(service).and_then(|service| service.operation(action));
        match operation.and_then(|operation| operation.host(region)) {
            Some(host) => {
                writeln!(out, "{}{} {} {}", host.name, host.path, host.signing_region, host.signing_name)?;
            }
            None => writeln!(out, "-")?,
        }
    }
    out.flush()
}
