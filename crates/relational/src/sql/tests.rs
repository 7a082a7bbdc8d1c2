use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::scan::{Found, Scan};
use super::{Dialect, parse};

fn check(dialect: Dialect, statements: &[&str], expected: Expect) {
    let told = statements.iter().map(|sql| match parse(sql, dialect) {
        Ok(statement) => {
            let trace = if statement.leaves_no_trace { "" } else { ", its connection ends" };
            format!("{} {:?}{trace}\n", statement.text, statement.names)
        }
        Err(complaint) => format!("refused: {complaint}\n"),
    });
    expected.assert_eq(&told.collect::<String>());
}

#[test]
fn names_of_postgres() {
    check(
        Dialect::Postgres,
        &[
            "select :a, :b, :a",
            "SELECT id::text FROM t WHERE x = :x::int AND y[1:2] = y[:from::int:n]",
            "select ':no', \":no\", E'\\':no', $$:no$$, $x$ $$ :no $x$, 'it''s :no' || :yes",
            "select 1 -- :no\n, :yes /* :no /* :no */ :no */",
            "select f(a := 1), b$c$:yes from t where c ? 'k' and d ?| :keys",
            "select 'never closed :no",
        ],
        expect![[r#"
            select $1, $2, $1 ["a", "b"]
            SELECT id::text FROM t WHERE x = $1::int AND y[1:2] = y[$2::int$3] ["x", "from", "n"]
            select ':no', ":no", E'\':no', $$:no$$, $x$ $$ :no $x$, 'it''s :no' || $1 ["yes"]
            select 1 -- :no
            , $1 /* :no /* :no */ :no */ ["yes"]
            select f(a := 1), b$c$$1 from t where c ? 'k' and d ?| $2 ["yes", "keys"]
            select 'never closed :no []
        "#]],
    );
}

#[test]
fn names_of_mysql() {
    check(
        Dialect::MySql,
        &[
            "select :a, :b, :a",
            "select ':no', \":no\", `:no`, 'it\\'s :no', 5--:yes # :no",
            "select 1 -- :no\n, @x := :yes /* :no /* */",
            "replace into t values ($1, :v)",
        ],
        expect![[r#"
            select ?, ?, ? ["a", "b", "a"]
            select ':no', ":no", `:no`, 'it\'s :no', 5--? # :no ["yes"]
            select 1 -- :no
            , @x := ? /* :no /* */ ["yes"], its connection ends
            replace into t values ($1, ?) ["v"]
        "#]],
    );
}

#[test]
fn one_statement_at_a_time() {
    check(
        Dialect::Postgres,
        &[
            "select 1; -- done",
            "select 1; select 2",
            "select 1;;",
            "",
            "select $1",
            "set x = :a",
            "(select 1)",
        ],
        expect![[r#"
            select 1; -- done []
            refused: Multistatements aren't supported
            refused: Multistatements aren't supported
             [], its connection ends
            refused: $1 in the statement is not supported: write :name, and give a parameter of that name
            set x = $1 ["a"], its connection ends
            (select 1) []
        "#]],
    );
    check(
        Dialect::MySql,
        &["select ?", "select '?'", "begin", "create procedure p() begin select 1; select 2; end"],
        expect![[r#"
            refused: ? in the statement is not supported: write :name, and give a parameter of that name
            select '?' []
            begin [], its connection ends
            create procedure p() begin select 1; select 2; end [], its connection ends
        "#]],
    );
}

proptest! {
    /// Nothing panics, and the pieces of a statement are the statement.
    #[test]
    fn any_text(sql in r#"[a-z:;?$'"`\\/*#é=1 \n-]{0,40}"#) {
        for dialect in [Dialect::Postgres, Dialect::MySql] {
            let pieces = Scan::new(&sql, dialect).map(|found| match found {
                Found::Name(name) => format!(":{name}"),
                Found::End => ";".to_owned(),
                Found::Blank(part) | Found::Word(part) | Found::Numbered(part) | Found::Other(part) => part.to_owned(),
            });
            prop_assert_eq!(pieces.collect::<String>(), sql.clone());
            let _ = parse(&sql, dialect);
        }
    }
}
