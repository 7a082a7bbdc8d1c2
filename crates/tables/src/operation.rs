//! The operations that there are.
//!
//! Never here: what they do.

/// What an operation touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It changes nothing: an answer need not wait for the disk.
    Read,
    /// It changes items.
    Write,
    /// It is about tables, streams or tags: ARNs go in or come out.
    Table,
    /// It reads what was written to a stream.
    Stream,
}

/// By their names. Those of streams are a service of their own, `dynamodbstreams`.
const OPERATIONS: [(&str, Kind); 27] = [
    ("BatchExecuteStatement", Kind::Write),
    ("BatchGetItem", Kind::Read),
    ("BatchWriteItem", Kind::Write),
    ("CreateTable", Kind::Table),
    ("DeleteItem", Kind::Write),
    ("DeleteTable", Kind::Table),
    ("DescribeStream", Kind::Table),
    ("DescribeTable", Kind::Table),
    ("DescribeTimeToLive", Kind::Read),
    ("ExecuteStatement", Kind::Write),
    ("ExecuteTransaction", Kind::Write),
    ("GetItem", Kind::Read),
    ("GetRecords", Kind::Stream),
    ("GetShardIterator", Kind::Table),
    ("ListStreams", Kind::Table),
    ("ListTables", Kind::Read),
    ("ListTagsOfResource", Kind::Table),
    ("PutItem", Kind::Write),
    ("Query", Kind::Read),
    ("Scan", Kind::Read),
    ("TagResource", Kind::Table),
    ("TransactGetItems", Kind::Read),
    ("TransactWriteItems", Kind::Write),
    ("UntagResource", Kind::Table),
    ("UpdateItem", Kind::Write),
    ("UpdateTable", Kind::Table),
    ("UpdateTimeToLive", Kind::Write),
];

/// An operation by its name.
pub(crate) fn find(name: &str) -> Option<(&'static str, Kind)> {
    let found = OPERATIONS.binary_search_by_key(&name, |(known, _)| known);
    found.ok().map(|place| OPERATIONS[place])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found() {
        for (name, kind) in OPERATIONS {
            assert_eq!(find(name), Some((name, kind)));
        }
        assert_eq!(find("CreateBackup"), None);
    }
}
