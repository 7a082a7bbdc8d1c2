//! Response handlers that only give back a member of their context, as most do: they need no engine.

use super::token::{Kind, Token};

/// The names behind `ctx.` in a function `response` that is nothing but `return ctx.result` or the like. `None` also
/// where something is called outside of functions: that has to run for each call.
pub fn member(tokens: &[Token]) -> Option<Vec<String>> {
    let reader = Reader { tokens };
    let (mut index, mut member) = (0, None);
    while index < tokens.len() {
        index = match tokens[index].text {
            "function" => {
                if reader.text(index + 1) == "response" {
                    member = reader.of_function(index + 2);
                }
                reader.behind_function(index)?
            }
            "(" => return None,
            "[" | "{" => reader.behind_literal(index)?,
            _ if tokens[index].kind == Kind::Template => return None,
            _ => index + 1,
        };
    }
    member
}

struct Reader<'a, 't> {
    tokens: &'a [Token<'t>],
}

impl<'t> Reader<'_, 't> {
    fn text(&self, index: usize) -> &'t str {
        self.tokens.get(index).map_or("", |token| token.text)
    }

    /// `(ctx) { return ctx.result; }`, from the parameters on.
    fn of_function(&self, parameters: usize) -> Option<Vec<String>> {
        let [open, context, close, begin, word] =
            [0, 1, 2, 3, 4].map(|offset| self.text(parameters + offset));
        if [open, close, begin, word] != ["(", ")", "{", "return"] {
            return None;
        }
        let end = self.tokens[parameters + 3].pair?;
        let mut at = parameters + 5;
        // A line that ends behind `return` ends the statement.
        if self.text(at) != context || self.tokens[at].on_new_line {
            return None;
        }
        at += 1;
        let mut names = Vec::new();
        while self.text(at) == "." && self.tokens.get(at + 1)?.kind == Kind::Word {
            names.push(self.text(at + 1).to_owned());
            at += 2;
        }
        at += usize::from(self.text(at) == ";");
        (at == end && !names.is_empty()).then_some(names)
    }

    /// `function name(…) {…}`
    fn behind_function(&self, index: usize) -> Option<usize> {
        let open = (index..self.tokens.len()).find(|at| self.text(*at) == "(")?;
        let body = self.tokens.get(self.tokens[open].pair? + 1).filter(|token| token.text == "{")?;
        Some(body.pair? + 1)
    }

    /// A list or an object in which nothing is called; or a list of imports or exports.
    fn behind_literal(&self, index: usize) -> Option<usize> {
        let end = self.tokens[index].pair?;
        let inside = &self.tokens[index..end];
        let is_inert = inside.iter().all(|token| token.text != "(" && token.kind != Kind::Template);
        is_inert.then_some(end + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;

    fn member(text: &str) -> Option<String> {
        super::member(&tokens(text).expect("the text can be cut")).map(|names| names.join("."))
    }

    #[test]
    fn what_only_gives_back_a_member_is_known() {
        let import = "import { util } from '@aws-appsync/utils';\n";
        let request = "const numbers = [1, 2];\nexport function request(ctx) { return f(`${ctx.id}`) }\n";
        for response in [
            "export function response(ctx) { return ctx.result }",
            "export function response(context) {\n  return context.result;\n}",
        ] {
            assert_eq!(member(&format!("{import}{request}{response}")).as_deref(), Some("result"));
        }
        let nested = "export function response(ctx) { return ctx.prev.result }";
        assert_eq!(member(nested).as_deref(), Some("prev.result"));
    }

    #[test]
    fn anything_more_is_not() {
        for text in [
            "export function response(ctx) { return ctx }",
            "export function response(ctx) { return\nctx.result }",
            "export function response(ctx) { return ctx.result.map((a) => a) }",
            "export function response(ctx) { return ctx.result[0] }",
            "export function response(ctx) { return ctx.result ?? 1 }",
            "export function response(ctx) { return other.result }",
            "export function response(ctx) { ctx.stash.a = 1; return ctx.result }",
            "export function response(ctx, other) { return ctx.result }",
            "const id = util.autoId();\nexport function response(ctx) { return ctx.result }",
            "const all = [util.autoId()];\nexport function response(ctx) { return ctx.result }",
            "const text = `${a}`;\nexport function response(ctx) { return ctx.result }",
            "export const response = (ctx) => ctx.result",
            "export function response(ctx)",
            "export function response(ctx) {} function",
        ] {
            assert_eq!(member(text), None, "{text}");
        }
    }
}
