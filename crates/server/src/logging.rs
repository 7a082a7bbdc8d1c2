//! Log lines on standard error: for people, or one JSON object a line.

use std::fmt::{self, Write as _};
use std::io::IsTerminal;

use anyhow::Context;
use clap::ValueEnum;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{self, DefaultFields, Format, FormatEvent, FormatFields, Full};
use tracing_subscriber::registry::LookupSpan;

use crate::tree::display::Above;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging what `filter` lets through.
pub fn start(filter: &str, log_format: LogFormat) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter)
        .with_context(|| format!("--log {filter} is not a filter: try warn, info or engine=debug"))?;
    let colours = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(|| Above);
    match log_format {
        LogFormat::Text => builder.event_format(Lines { ours: Format::default() }).init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}

/// A function's own lines stand beside its name; all others as usual.
struct Lines {
    ours: Format<Full>,
}

impl<S> FormatEvent<S, DefaultFields> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    DefaultFields: for<'a> FormatFields<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, DefaultFields>,
        mut writer: format::Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if event.metadata().target() != "function" {
            return self.ours.format_event(context, writer, event);
        }
        let mut line = FunctionLine::default();
        event.record(&mut line);
        let (dim, plain) = if writer.has_ansi_escapes() { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
        writeln!(writer, "    {dim}{} │ {}{plain}", line.function, line.text)
    }
}

/// The fields of a function's line.
#[derive(Default)]
struct FunctionLine {
    function: String,
    text: String,
}

impl Visit for FunctionLine {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "function" => self.function.push_str(value),
            _ => self.text.push_str(value),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let into = if field.name() == "function" { &mut self.function } else { &mut self.text };
        let _ = write!(into, "{value:?}");
    }
}
