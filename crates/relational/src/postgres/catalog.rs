//! What only PostgreSQL's catalogue tells: types that are somebody's own, and the tables of columns.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::types::{self, OWN_FIRST, Oid, Type, code};
use super::{Client, Field};
use crate::connection::{Column, Kind, Nullable, Row, Scalar};
use crate::fault::Error;
use crate::parameter::Parameter;
use crate::sql::Statement;

/// Types that a connection remembers. A database has some hundreds at most.
const TYPES_MAX: usize = 1024;

/// Number, name, kind (`d` for a domain, `e` for an enum), what a domain is of, what an array is of.
const TYPES: &str = "SELECT t.oid, t.typname, t.typtype, t.typbasetype, CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END \
    FROM pg_catalog.pg_type t WHERE t.oid = ANY ($1::pg_catalog.oid[])";

/// Table, column, the table's name, whether it is never NULL, whether it counts by itself.
const TABLES: &str = "SELECT a.attrelid, a.attnum, c.relname, a.attnotnull, a.attidentity <> '' \
    OR coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false) \
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
    WHERE a.attrelid = ANY ($1::pg_catalog.oid[]) AND a.attnum > 0";

impl Client {
    /// The columns of a statement.
    pub(super) async fn columns(&mut self, fields: &[Field]) -> Result<Vec<Column>, Error> {
        let is_unknown = |oid: &Oid| *oid >= OWN_FIRST && !self.types.contains_key(oid);
        let unknown: BTreeSet<Oid> = fields.iter().map(|field| field.kind).filter(is_unknown).collect();
        self.learn(unknown).await?;
        let column = |field: &Field| {
            let known = types::built_in(field.kind).or_else(|| self.types.get(&field.kind).cloned());
            let mut column =
                types::column(&field.label, &known.unwrap_or_else(types::unknown), field.modifier);
            column.details.origin = (field.table, field.number);
            column
        };
        Ok(fields.iter().map(column).collect())
    }

    /// Looks types up, and then what they are made of: an array of a domain of numbers takes three steps.
    async fn learn(&mut self, mut wanted: BTreeSet<Oid>) -> Result<(), Error> {
        const STEPS_MAX: usize = 4;
        if self.types.len() + wanted.len() > TYPES_MAX {
            self.types.clear();
        }
        let mut found: Vec<(Oid, String, String, Oid, Oid)> = Vec::new();
        for _ in 0..STEPS_MAX {
            if wanted.is_empty() {
                break;
            }
            let rows = self.ask(TYPES, &wanted).await?;
            let mut asked = std::mem::take(&mut wanted);
            // Each once, and nothing that nobody asked for.
            for row in rows.iter().filter(|row| asked.remove(&number(row, 0))) {
                let made_of = [number(row, 3), number(row, 4)];
                wanted.extend(made_of.into_iter().filter(|&oid| oid >= OWN_FIRST));
                found.push((number(row, 0), text(row, 1), text(row, 2), made_of[0], made_of[1]));
            }
        }
        // What others are made of was found after them.
        for (oid, name, kind, base, element) in found.into_iter().rev() {
            let known = |oid: Oid| {
                types::built_in(oid).or_else(|| self.types.get(&oid).cloned()).unwrap_or_else(types::unknown)
            };
            let made = match kind.as_str() {
                "d" => Type { name: name.into(), ..known(base) },
                _ if element != 0 => Type { name: name.into(), ..types::array_of(&known(element)) },
                kind => {
                    let code = if kind == "e" { code::VARCHAR } else { code::OTHER };
                    Type { name: name.into(), kind: Kind::One(Scalar::Text), code, element_code: 0 }
                }
            };
            self.types.insert(oid, made);
        }
        Ok(())
    }

    /// Asks about the tables of columns.
    pub(crate) async fn describe(&mut self, columns: &mut [Column]) -> Result<(), Error> {
        let tables = columns.iter().map(|column| column.details.origin.0);
        let tables: BTreeSet<Oid> = tables.filter(|&table| table != 0).collect();
        if tables.is_empty() {
            return Ok(());
        }
        let rows = self.ask(TABLES, &tables).await?;
        let known: BTreeMap<(String, String), &Row> =
            rows.iter().map(|row| ((text(row, 0), text(row, 1)), row)).collect();
        for Column { details, .. } in columns {
            let origin = (details.origin.0.to_string(), details.origin.1.to_string());
            let Some(row) = known.get(&origin) else { continue };
            details.table = text(row, 2);
            details.nullable = if text(row, 3) == "t" { Nullable::No } else { Nullable::Yes };
            details.is_auto_increment = text(row, 4) == "t";
        }
        Ok(())
    }

    /// A question about some objects.
    async fn ask(&mut self, question: &str, about: &BTreeSet<Oid>) -> Result<Vec<Row>, Error> {
        let numbers: Vec<String> = about.iter().map(Oid::to_string).collect();
        let about = Parameter::Text(format!("{{{}}}", numbers.join(",")), None);
        let statement = Statement { text: question.to_owned(), names: Vec::new(), leaves_no_trace: true };
        let exchanged = self.with_prepared(&statement, &[about]).await?;
        match exchanged.error {
            Some(error) => Err(Error::Database(error.text)),
            None => Ok(exchanged.rows),
        }
    }
}

fn text(row: &Row, place: usize) -> String {
    let cell = row.get(place).and_then(Option::as_ref);
    cell.map(|cell: &Bytes| String::from_utf8_lossy(cell).into_owned()).unwrap_or_default()
}

fn number(row: &Row, place: usize) -> Oid {
    text(row, place).parse().unwrap_or(0)
}
