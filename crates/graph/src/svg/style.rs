//! The style sheet: two palettes, and what is drawn with them.
//!
//! Each colour is written where it is used, not as a CSS variable: programs other than browsers show these pictures,
//! too, and few of them know variables. Never here: shapes.

use std::fmt::Write;

/// The colours of one mode.
struct Palette {
    paper: &'static str,
    card: &'static str,
    border: &'static str,
    /// Containers, whatever they lie in.
    container: &'static str,
    container_border: &'static str,
    text: &'static str,
    quiet: &'static str,
    line: &'static str,
    label: &'static str,
    /// The tile of an icon, and its lines, by type.
    types: [(&'static str, &'static str, &'static str); 8],
    /// The colour of each status, and a tint of it for boxes.
    statuses: [(&'static str, &'static str, &'static str); 5],
    on_mark: &'static str,
    catching: &'static str,
}

const LIGHT: Palette = Palette {
    paper: "#f8f9fb",
    card: "#ffffff",
    border: "#d3d9e3",
    container: "#64748b",
    container_border: "#bcc5d3",
    text: "#1a2230",
    quiet: "#5b6678",
    line: "#8491a5",
    label: "#eef1f6",
    types: [
        ("task", "#fdeedd", "#a5540b"),
        ("pass", "#e9edf3", "#4b586b"),
        ("choice", "#efe8fd", "#6a3fc4"),
        ("wait", "#e2effd", "#1c62ad"),
        ("parallel", "#ddf3f1", "#0b6f69"),
        ("map", "#dcf1f8", "#0d6a8c"),
        ("succeed", "#e0f4e5", "#1c7a3b"),
        ("fail", "#fde6e6", "#b42525"),
    ],
    statuses: [
        ("succeeded", "#1c7a3b", "#f2faf4"),
        ("caught", "#a15c00", "#fff8ec"),
        ("aborted", "#5b6678", "#f3f5f8"),
        ("failed", "#c02626", "#fff4f4"),
        ("running", "#1c62c4", "#f1f7ff"),
    ],
    on_mark: "#ffffff",
    catching: "#96600a",
};

const DARK: Palette = Palette {
    paper: "#11161f",
    card: "#1b2330",
    border: "#374356",
    container: "#94a3b8",
    container_border: "#455268",
    text: "#e9edf4",
    quiet: "#a3afc1",
    line: "#6f7d94",
    label: "#242e3e",
    types: [
        ("task", "#40301f", "#f5b26b"),
        ("pass", "#2b3546", "#b9c4d5"),
        ("choice", "#352b52", "#c0a6f9"),
        ("wait", "#1f3450", "#8cc0fa"),
        ("parallel", "#173b3a", "#66d1c8"),
        ("map", "#173948", "#6fcbec"),
        ("succeed", "#1b3a28", "#74d393"),
        ("fail", "#462528", "#f79a9a"),
    ],
    statuses: [
        ("succeeded", "#5fcb84", "#182a22"),
        ("caught", "#eeb052", "#2e261a"),
        ("aborted", "#a3afc1", "#222a37"),
        ("failed", "#f58282", "#321f25"),
        ("running", "#79b4fb", "#182a42"),
    ],
    on_mark: "#11161f",
    catching: "#d99f45",
};

/// The whole sheet.
pub(super) fn sheet() -> String {
    let mut out = String::from(SHAPES);
    colours(&mut out, &LIGHT);
    out.push_str("@media (prefers-color-scheme: dark) {\n");
    colours(&mut out, &DARK);
    out.push_str("}\n");
    out
}

const SHAPES: &str = "\
text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; }
.name { font-size: 13px; font-weight: 600; }
.detail { font-size: 11px; }
.label text { font-size: 11px; text-anchor: middle; }
.terminal text { font-size: 12px; font-weight: 600; text-anchor: middle; }
.icon { fill: none; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
.retries { stroke-width: 1.4; }
.mark path { fill: none; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.mark circle { stroke-width: 2; }
.edge path { fill: none; stroke-width: 1.5; stroke-linecap: round; }
.edge.catch path { stroke-dasharray: 5 4; }
.edge.default path { stroke-dasharray: 1.5 4; }
.edge.taken path { stroke-width: 2.25; }
.edge.not-taken { opacity: .55; }
.container .box { fill-opacity: .06; }
.not-reached .box, .missing .box { stroke-dasharray: 4 4; }
.not-reached .icon, .not-reached .tile { opacity: .6; }
.not-reached .name { opacity: .75; }
";

fn colours(out: &mut String, palette: &Palette) {
    let Palette { paper, card, border, container, container_border, text, quiet, line, label, .. } = palette;
    let (on_mark, catching) = (palette.on_mark, palette.catching);
    let failed = palette.statuses[3].1;
    let mut rule = |arguments: std::fmt::Arguments<'_>| {
        writeln!(out, "{arguments}").expect("writing to a String");
    };
    rule(format_args!(".paper {{ fill: {paper}; }}"));
    rule(format_args!("text {{ fill: {text}; }} .detail {{ fill: {quiet}; }}"));
    rule(format_args!(".box {{ fill: {card}; stroke: {border}; }}"));
    rule(format_args!(".container .box {{ fill: {container}; stroke: {container_border}; }}"));
    rule(format_args!(".missing .box {{ stroke: {failed}; }} .missing .icon {{ stroke: {failed}; }}"));
    rule(format_args!(".tile {{ fill: {label}; }} .icon {{ stroke: {quiet}; }}"));
    rule(format_args!(".terminal rect {{ fill: {card}; stroke: {line}; stroke-width: 1.5; }}"));
    rule(format_args!(".point.start {{ fill: {line}; }}"));
    rule(format_args!(".point.end {{ fill: {paper}; stroke: {line}; stroke-width: 2.5; }}"));
    rule(format_args!(".edge path {{ stroke: {line}; }} .edge polygon {{ fill: {line}; }}"));
    rule(format_args!(
        ".edge.catch path {{ stroke: {catching}; }} .edge.catch polygon {{ fill: {catching}; }}"
    ));
    rule(format_args!(".edge.taken path {{ stroke: {text}; }} .edge.taken polygon {{ fill: {text}; }}"));
    rule(format_args!(".label rect {{ fill: {label}; stroke: {paper}; }} .label text {{ fill: {quiet}; }}"));
    rule(format_args!(".label.catch text {{ fill: {catching}; }}"));
    rule(format_args!(".mark circle {{ stroke: {paper}; }} .mark path {{ stroke: {on_mark}; }}"));
    for (name, tile, icon) in palette.types {
        rule(format_args!(".{name} > .tile {{ fill: {tile}; }} .{name} > .icon {{ stroke: {icon}; }}"));
    }
    // Quiet on any type's icon colour.
    rule(format_args!(".state > .retries, .container > .retries {{ stroke: {quiet}; }}"));
    for (name, colour, tint) in palette.statuses {
        rule(format_args!(
            ".{name} > .box {{ fill: {tint}; stroke: {colour}; stroke-width: 1.75; }} .{name} > .mark circle {{ fill: {colour}; }}"
        ));
    }
}
