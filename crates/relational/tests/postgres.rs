//! A real PostgreSQL, asked by the operations of `rds-data`.

mod common;

use common::{Served, hinted, parameter, told};
use expect_test::expect;
use json::{Value, value};
use relational::Limits;
use relational::testing::Server;

/// None if there is no PostgreSQL here, which is said on standard error.
fn served(connections_max: usize, limits: Limits) -> Option<Served> {
    Server::postgres(None).map(|server| Served::new(server, connections_max, limits))
}

#[tokio::test]
async fn values_go_in_and_come_out() {
    let Some(served) = served(2, Limits::default()) else { return };
    let none = value!([]);
    let made = served
        .script(&[
            (
                "CREATE TABLE orders (id serial PRIMARY KEY, customer varchar(40) NOT NULL, total numeric(10,2), placed timestamp, \
                 day date, at time, seen timestamptz, paid boolean, weight float8, photo bytea, tags text[], counts int[], \
                 details jsonb, token uuid)",
                none.clone(),
            ),
            (
                "INSERT INTO orders (customer, total, placed, day, at, seen, paid, weight, photo, tags, counts, details, token) \
                 VALUES (:customer, :total, :placed, :day, :at, :seen, :paid, :weight, :photo, \
                 string_to_array(:tags, ','), ARRAY[:one, 2], :details, :token) RETURNING id, customer",
                value!([
                    (parameter("customer", "stringValue", "O'Hara :x $1; --")),
                    (hinted("total", "DECIMAL", "12.50")),
                    (hinted("placed", "TIMESTAMP", "2024-01-02 03:04:05.678")),
                    (hinted("day", "DATE", "2024-01-02")),
                    (hinted("at", "TIME", "03:04:05")),
                    (hinted("seen", "TIMESTAMP", "2024-01-02 03:04:05")),
                    (parameter("paid", "booleanValue", true)),
                    (parameter("weight", "doubleValue", 1.25)),
                    (parameter("photo", "blobValue", "AP8Q")),
                    (parameter("tags", "stringValue", "a,\"b c\"")),
                    (parameter("one", "longValue", 1)),
                    (hinted("details", "JSON", "{\"a\": [1, null]}")),
                    (hinted("token", "UUID", "7F2C4E6A-0000-4000-8000-00000000ABCD")),
                ]),
            ),
            ("SELECT * FROM orders WHERE id = :id AND id = :id", value!([(parameter("id", "longValue", 1))])),
            (
                "UPDATE orders SET total = :total, paid = :paid WHERE customer LIKE :who",
                value!([
                    (parameter("total", "isNull", true)),
                    (parameter("paid", "isNull", true)),
                    (parameter("who", "stringValue", "O'%")),
                ]),
            ),
            ("SELECT total, paid, NULL AS nothing FROM orders", none.clone()),
            ("DELETE FROM orders WHERE false", none.clone()),
            ("SELECT 'x' AS \"the label\", ARRAY[[1],[2]] AS square", none.clone()),
            ("SELECT 1.0/3 AS third, 'NaN'::float8 AS nan, interval '1 day 2 hours' AS span, '{t,f,NULL}'::bool[] AS flags", none),
        ])
        .await;
    expect![[r#"
        CREATE TABLE orders (id serial PRIMARY KEY, customer varchar(40) NOT NULL, total numeric(10,2), placed timestamp, day date, at time, seen timestamptz, paid boolean, weight float8, photo bytea, tags text[], counts int[], details jsonb, token uuid)
            {"numberOfRecordsUpdated":0,"generatedFields":[]}
        INSERT INTO orders (customer, total, placed, day, at, seen, paid, weight, photo, tags, counts, details, token) VALUES (:customer, :total, :placed, :day, :at, :seen, :paid, :weight, :photo, string_to_array(:tags, ','), ARRAY[:one, 2], :details, :token) RETURNING id, customer
            {"numberOfRecordsUpdated":0,"records":[[{"longValue":1},{"stringValue":"O'Hara :x $1; --"}]]}
        SELECT * FROM orders WHERE id = :id AND id = :id
            {"numberOfRecordsUpdated":0,"records":[[{"longValue":1},{"stringValue":"O'Hara :x $1; --"},{"stringValue":"12.50"},{"stringValue":"2024-01-02 03:04:05.678"},{"stringValue":"2024-01-02"},{"stringValue":"03:04:05"},{"stringValue":"2024-01-02 03:04:05"},{"booleanValue":true},{"doubleValue":1.25},{"blobValue":"AP8Q"},{"arrayValue":{"stringValues":["a","\"b c\""]}},{"arrayValue":{"longValues":[1,2]}},{"stringValue":"{\"a\": [1, null]}"},{"stringValue":"7f2c4e6a-0000-4000-8000-00000000abcd"}]]}
        UPDATE orders SET total = :total, paid = :paid WHERE customer LIKE :who
            {"numberOfRecordsUpdated":1,"generatedFields":[]}
        SELECT total, paid, NULL AS nothing FROM orders
            {"numberOfRecordsUpdated":0,"records":[[{"isNull":true},{"isNull":true},{"isNull":true}]]}
        DELETE FROM orders WHERE false
            {"numberOfRecordsUpdated":0,"generatedFields":[]}
        SELECT 'x' AS "the label", ARRAY[[1],[2]] AS square
            UnsupportedResultException: The result contains a multidimensional array.
        SELECT 1.0/3 AS third, 'NaN'::float8 AS nan, interval '1 day 2 hours' AS span, '{t,f,NULL}'::bool[] AS flags
            {"numberOfRecordsUpdated":0,"records":[[{"stringValue":"0.33333333333333333333"},{"doubleValue":"NaN"},{"stringValue":"1 day 02:00:00"},{"arrayValue":{"booleanValues":[true,false,null]}}]]}
    "#]].assert_eq(&made);
}

#[tokio::test]
async fn what_is_wrong_is_told() {
    let Some(served) = served(2, Limits::default()) else { return };
    let none = value!([]);
    served.sql("CREATE TABLE t (id int PRIMARY KEY, token uuid)").await;
    let text = served
        .script(&[
            ("SELECT * FROM absent", none.clone()),
            ("SELEC 1", none.clone()),
            ("INSERT INTO t (id) VALUES (1), (1)", none.clone()),
            ("SELECT * FROM t WHERE token = :token", value!([(parameter("token", "stringValue", "x"))])),
            ("SELECT * FROM t WHERE token = :token", value!([(hinted("token", "UUID", "x"))])),
            ("SELECT :absent", value!([(parameter("other", "longValue", 1))])),
            ("SELECT :a", value!([(parameter("a", "arrayValue", value!({ "longValues": [1] })))])),
            ("SELECT :a", value!([{ "name": "a", "value": {} }])),
            ("SELECT :a", value!([{ "name": "a", "value": { "longValue": 1 }, "typeHint": "DATE" }])),
            ("SELECT 1; SELECT 2", none.clone()),
            ("SELECT $1", none.clone()),
            ("SELECT :a::text", value!([(parameter("a", "stringValue", "zero\0byte"))])),
            ("COPY t FROM STDIN", none.clone()),
            ("COPY t TO STDOUT", none.clone()),
            ("SELECT repeat('x', 1024 * 1024 + 1)", none.clone()),
            ("SELECT repeat('x', 1024) FROM generate_series(1, 1100)", none.clone()),
            ("SELECT 1 AS still_there", none),
        ])
        .await;
    expect![[r#"
        SELECT * FROM absent
            DatabaseErrorException: ERROR: relation "absent" does not exist; Position: 15; SQLState: 42P01
        SELEC 1
            DatabaseErrorException: ERROR: syntax error at or near "SELEC"; Position: 1; SQLState: 42601
        INSERT INTO t (id) VALUES (1), (1)
            DatabaseErrorException: ERROR: duplicate key value violates unique constraint "t_pkey"; Detail: Key (id)=(1) already exists.; SQLState: 23505
        SELECT * FROM t WHERE token = :token
            DatabaseErrorException: ERROR: operator does not exist: uuid = text; Hint: No operator matches the given name and argument types. You might need to add explicit type casts.; Position: 29; SQLState: 42883
        SELECT * FROM t WHERE token = :token
            DatabaseErrorException: ERROR: invalid input syntax for type uuid: "x"; SQLState: 22P02
        SELECT :absent
            BadRequestException: Cannot find parameter: absent
        SELECT :a
            BadRequestException: Array parameters are not supported.
        SELECT :a
            BadRequestException: The parameter a needs a value with exactly one of stringValue, longValue, doubleValue, booleanValue, blobValue and isNull
        SELECT :a
            BadRequestException: The parameter a has a typeHint, which needs a stringValue
        SELECT 1; SELECT 2
            BadRequestException: Multistatements aren't supported
        SELECT $1
            BadRequestException: $1 in the statement is not supported: write :name, and give a parameter of that name
        SELECT :a::text
            DatabaseErrorException: ERROR: invalid byte sequence for encoding "UTF8": 0x00; SQLState: 22021
        COPY t FROM STDIN
            DatabaseErrorException: ERROR: COPY from stdin failed: COPY from the client is not supported; SQLState: 57014
        COPY t TO STDOUT
            UnsupportedResultException: COPY to or from the client is not supported.
        SELECT repeat('x', 1024 * 1024 + 1)
            UnsupportedResultException: Database response exceeded size limit
        SELECT repeat('x', 1024) FROM generate_series(1, 1100)
            UnsupportedResultException: Database response exceeded size limit
        SELECT 1 AS still_there
            {"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}
    "#]].assert_eq(&text);
    let mut elsewhere = String::new();
    for input in [
        value!({ "sql": "SELECT 1", "resourceArn": "arn:aws:rds:us-east-1:123456789012:cluster:other" }),
        value!({ "sql": "SELECT 1", "resourceArn": "orders" }),
        value!({ "sql": "SELECT 1", "database": "absent" }),
        value!({ "sql": "SELECT 1", "transactionId": "absent" }),
    ] {
        elsewhere.push_str(&format!("{}\n", served.told("ExecuteStatement", input).await));
    }
    elsewhere.push_str(&served.told("ExecuteSql", value!({})).await);
    expect![[r#"
        DatabaseNotFoundException: There is no database other here: name it in stepwell.toml, [databases.other] with url = "postgres://user@host:5432/name" or "mysql://…", and start the server again
        BadRequestException: Invalid resourceArn orders: it has to look like arn:aws:rds:us-east-1:123456789012:cluster:name
        DatabaseErrorException: FATAL: database "absent" does not exist; SQLState: 3D000
        TransactionNotFoundException: Transaction absent is not found
        BadRequestException: ExecuteSql is not supported: use ExecuteStatement or BatchExecuteStatement"#]].assert_eq(&elsewhere);
}

#[tokio::test]
async fn results_have_the_form_that_is_asked_for() {
    let Some(served) = served(2, Limits::default()) else { return };
    served.sql("CREATE TYPE mood AS ENUM ('sad', 'ok')").await;
    served.sql("CREATE DOMAIN cents AS bigint").await;
    served.sql("CREATE TABLE things (id serial, name varchar(10) NOT NULL, price numeric(6,2), mood mood, moods mood[], c cents)").await;
    served
        .sql("INSERT INTO things (name, price, mood, moods, c) VALUES ('a', 1.50, 'ok', '{sad,ok}', 7)")
        .await;
    let sql = "SELECT id, name AS label, price, mood, moods, c, price * 2 AS twice FROM things";
    let mut text = String::new();
    for more in [
        value!({ "includeResultMetadata": true }),
        value!({ "resultSetOptions": { "decimalReturnType": "DOUBLE_OR_LONG", "longReturnType": "STRING" } }),
        value!({ "formatRecordsAs": "JSON", "includeResultMetadata": true }),
    ] {
        let mut input = more.clone();
        input.as_object_mut().unwrap().insert("sql", sql);
        let output = served.call("ExecuteStatement", input).await.unwrap();
        text.push_str(&format!("{}\n{}\n", more.to_text(), output.to_pretty()));
    }
    let twice = value!({ "formatRecordsAs": "JSON", "sql": "SELECT 1 AS a, 2 AS a" });
    text.push_str(&served.told("ExecuteStatement", twice).await);
    expect![[r#"
        {"includeResultMetadata":true}
        {
          "numberOfRecordsUpdated": 0,
          "records": [
            [
              {
                "longValue": 1
              },
              {
                "stringValue": "a"
              },
              {
                "stringValue": "1.50"
              },
              {
                "stringValue": "ok"
              },
              {
                "arrayValue": {
                  "stringValues": [
                    "sad",
                    "ok"
                  ]
                }
              },
              {
                "longValue": 7
              },
              {
                "stringValue": "3.00"
              }
            ]
          ],
          "columnMetadata": [
            {
              "arrayBaseColumnType": 0,
              "isAutoIncrement": true,
              "isCaseSensitive": false,
              "isCurrency": false,
              "isSigned": true,
              "label": "id",
              "name": "id",
              "nullable": 0,
              "precision": 10,
              "scale": 0,
              "schemaName": "",
              "tableName": "things",
              "type": 4,
              "typeName": "int4"
            },
            {
              "arrayBaseColumnType": 0,
              "isAutoIncrement": false,
              "isCaseSensitive": true,
              "isCurrency": false,
              "isSigned": false,
              "label": "label",
              "name": "label",
              "nullable": 0,
              "precision": 10,
              "scale": 0,
              "schemaName": "",
              "tableName": "things",
              "type": 12,
              "typeName": "varchar"
            },
            {
              "arrayBaseColumnType": 0,
              "isAutoIncrement": false,
              "isCaseSensitive": false,
              "isCurrency": false,
              "isSigned": true,
              "label": "price",
              "name": "price",
              "nullable": 1,
              "precision": 6,
              "scale": 2,
              "schemaName": "",
              "tableName": "things",
              "type": 2,
              "typeName": "numeric"
            },
            {
              "arrayBaseColumnType": 0,
              "isAutoIncrement": false,
              "isCaseSensitive": true,
              "isCurrency": false,
              "isSigned": false,
              "label": "mood",
              "name": "mood",
              "nullable": 1,
              "precision": 2147483647,
              "scale": 0,
              "schemaName": "",
              "tableName": "things",
              "type": 12,
              "typeName": "mood"
            },
            {
              "arrayBaseColumnType": 12,
              "isAutoIncrement": false,
              "isCaseSensitive": true,
              "isCurrency": false,
              "isSigned": false,
              "label": "moods",
              "name": "moods",
              "nullable": 1,
              "precision": 2147483647,
              "scale": 0,
              "schemaName": "",
              "tableName": "things",
              "type": 2003,
              "typeName": "_mood"
            },
            {
              "arrayBaseColumnType": 0,
              "isAutoIncrement": false,
              "isCaseSensitive": false,
              "isCurrency": false,
              "isSigned": true,
              "label": "c",
              "name": "c",
              "nullable": 1,
              "precision": 19,
              "scale": 0,
              "schemaName": "",
              "tableName": "things",
              "type": -5,
              "typeName": "int8"
            },
            {
              "arrayBaseColumnType": 0,
              "isAutoIncrement": false,
              "isCaseSensitive": false,
              "isCurrency": false,
              "isSigned": true,
              "label": "twice",
              "name": "twice",
              "nullable": 2,
              "precision": 0,
              "scale": 0,
              "schemaName": "",
              "tableName": "",
              "type": 2,
              "typeName": "numeric"
            }
          ]
        }
        {"resultSetOptions":{"decimalReturnType":"DOUBLE_OR_LONG","longReturnType":"STRING"}}
        {
          "numberOfRecordsUpdated": 0,
          "records": [
            [
              {
                "stringValue": "1"
              },
              {
                "stringValue": "a"
              },
              {
                "doubleValue": 1.5
              },
              {
                "stringValue": "ok"
              },
              {
                "arrayValue": {
                  "stringValues": [
                    "sad",
                    "ok"
                  ]
                }
              },
              {
                "stringValue": "7"
              },
              {
                "doubleValue": 3.0
              }
            ]
          ]
        }
        {"formatRecordsAs":"JSON","includeResultMetadata":true}
        {
          "numberOfRecordsUpdated": 0,
          "formattedRecords": "[{\"id\":1,\"label\":\"a\",\"price\":1.5,\"mood\":\"ok\",\"moods\":[\"sad\",\"ok\"],\"c\":7,\"twice\":3.0}]"
        }
        UnsupportedResultException: Two columns of the result are called a, and JSON has room for one: give them names with AS"#]].assert_eq(&text);
}

#[tokio::test]
async fn transactions() {
    let Some(served) = served(3, Limits::default()) else { return };
    served.sql("CREATE TABLE t (id int PRIMARY KEY)").await;
    let begin = async || {
        let begun = served.call("BeginTransaction", value!({})).await.unwrap();
        begun.get("transactionId").unwrap().as_str().unwrap().to_owned()
    };
    let count = async || served.sql("SELECT count(*) FROM t").await;
    let within = async |id: &str, sql: &str| {
        served.told("ExecuteStatement", value!({ "sql": sql, "transactionId": id })).await
    };
    let end = async |operation: &str, id: &str| {
        served.told(operation, value!({ "transactionId": id })).await.replace(id, "ID")
    };
    let mut told: Vec<String> = Vec::new();

    let id = begin().await;
    told.push(within(&id, "INSERT INTO t VALUES (1)").await);
    told.push(count().await);
    told.push(end("CommitTransaction", &id).await);
    told.push(count().await);
    told.push(end("CommitTransaction", &id).await);

    let id = begin().await;
    told.push(within(&id, "INSERT INTO t VALUES (2)").await);
    told.push(end("RollbackTransaction", &id).await);
    told.push(count().await);

    // One that has failed does nothing any more, and cannot be committed.
    let id = begin().await;
    told.push(within(&id, "INSERT INTO t VALUES (1)").await);
    told.push(within(&id, "SELECT 1").await);
    told.push(end("CommitTransaction", &id).await);
    told.push(count().await);

    // One call at a time.
    let id = begin().await;
    let (first, second) = tokio::join!(within(&id, "SELECT pg_sleep(0.1)"), within(&id, "SELECT 1"));
    told.extend([first, second]);
    // It is of one database.
    told.push(
        served
            .told(
                "ExecuteStatement",
                value!({ "sql": "SELECT 1", "transactionId": (id.as_str()), "database": "template1" }),
            )
            .await,
    );
    told.push(end("RollbackTransaction", &id).await);

    // What is too large for the Data API ends the transaction, as with AWS.
    let id = begin().await;
    told.push(within(&id, "SELECT repeat('x', 1024 * 1024 + 1)").await);
    told.push(within(&id, "SELECT 1").await.replace(&id, "ID"));
    told.push(count().await);
    expect![[r#"
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":0}]]}
        {"transactionStatus":"Transaction Committed"}
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}
        TransactionNotFoundException: Transaction ID is not found
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        {"transactionStatus":"Rollback Complete"}
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}
        DatabaseErrorException: ERROR: duplicate key value violates unique constraint "t_pkey"; Detail: Key (id)=(1) already exists.; SQLState: 23505
        DatabaseErrorException: ERROR: current transaction is aborted, commands ignored until end of transaction block; SQLState: 25P02
        DatabaseErrorException: ERROR: The database returned ROLLBACK, so the transaction cannot be committed; SQLState: 25P02
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}
        {"numberOfRecordsUpdated":0,"records":[[{"stringValue":""}]]}
        DatabaseErrorException: Transaction is still running a query
        BadRequestException: Database name is not the same as transaction's: give BeginTransaction the same database and schema
        {"transactionStatus":"Rollback Complete"}
        UnsupportedResultException: Database response exceeded size limit
        TransactionNotFoundException: Transaction ID is not found
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}"#]].assert_eq(&told.join("\n"));
}

#[tokio::test]
async fn a_transaction_goes_on_where_a_statement_ended_it() {
    let Some(served) = served(2, Limits::default()) else { return };
    served.sql("CREATE TABLE t (id int PRIMARY KEY)").await;
    served.sql("CREATE TABLE c (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)").await;
    let mut told = Vec::new();
    for (statements, end) in [
        (&["INSERT INTO t VALUES (1)", "COMMIT", "INSERT INTO t VALUES (2)"][..], "RollbackTransaction"),
        (&["INSERT INTO t VALUES (3)", "ROLLBACK", "INSERT INTO t VALUES (4)"], "CommitTransaction"),
        // A COMMIT that fails leaves nothing open.
        (&["INSERT INTO c VALUES (1), (1)", "COMMIT", "INSERT INTO t VALUES (5)"], "CommitTransaction"),
        (&["INSERT INTO c VALUES (1), (1)", "COMMIT"], "RollbackTransaction"),
        (&["INSERT INTO c VALUES (1), (1)"], "CommitTransaction"),
        (&["INSERT INTO t VALUES (1)"], "RollbackTransaction"),
    ] {
        let begun = served.call("BeginTransaction", value!({})).await.unwrap();
        let id = begun.get("transactionId").unwrap().as_str().unwrap();
        for sql in statements {
            let input = value!({ "sql": (*sql), "transactionId": id });
            told.push(served.told("ExecuteStatement", input).await);
        }
        told.push(served.told(end, value!({ "transactionId": id })).await);
        told.push(served.sql("SELECT array_agg(id ORDER BY id) AS ids FROM t").await);
    }
    expect![[r#"
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        {"numberOfRecordsUpdated":0,"generatedFields":[]}
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        {"transactionStatus":"Rollback Complete"}
        {"numberOfRecordsUpdated":0,"records":[[{"arrayValue":{"longValues":[1]}}]]}
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        {"numberOfRecordsUpdated":0,"generatedFields":[]}
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        {"transactionStatus":"Transaction Committed"}
        {"numberOfRecordsUpdated":0,"records":[[{"arrayValue":{"longValues":[1,4]}}]]}
        {"numberOfRecordsUpdated":2,"generatedFields":[]}
        DatabaseErrorException: ERROR: duplicate key value violates unique constraint "c_id_key"; Detail: Key (id)=(1) already exists.; SQLState: 23505
        DatabaseErrorException: The database has ended the transaction because of an error: call RollbackTransaction, and begin another one
        DatabaseErrorException: The database has ended the transaction because of an error: call RollbackTransaction, and begin another one
        {"numberOfRecordsUpdated":0,"records":[[{"arrayValue":{"longValues":[1,4]}}]]}
        {"numberOfRecordsUpdated":2,"generatedFields":[]}
        DatabaseErrorException: ERROR: duplicate key value violates unique constraint "c_id_key"; Detail: Key (id)=(1) already exists.; SQLState: 23505
        {"transactionStatus":"Rollback Complete"}
        {"numberOfRecordsUpdated":0,"records":[[{"arrayValue":{"longValues":[1,4]}}]]}
        {"numberOfRecordsUpdated":2,"generatedFields":[]}
        DatabaseErrorException: ERROR: duplicate key value violates unique constraint "c_id_key"; Detail: Key (id)=(1) already exists.; SQLState: 23505
        {"numberOfRecordsUpdated":0,"records":[[{"arrayValue":{"longValues":[1,4]}}]]}
        DatabaseErrorException: ERROR: duplicate key value violates unique constraint "t_pkey"; Detail: Key (id)=(1) already exists.; SQLState: 23505
        {"transactionStatus":"Rollback Complete"}
        {"numberOfRecordsUpdated":0,"records":[[{"arrayValue":{"longValues":[1,4]}}]]}"#]].assert_eq(&told.join("\n"));
}

#[tokio::test]
async fn batches_are_all_or_nothing() {
    let Some(served) = served(2, Limits::default()) else { return };
    served.sql("CREATE TABLE t (id int PRIMARY KEY, name text)").await;
    let set = |id: i64, name: &str| {
        value!([(parameter("id", "longValue", id)), (parameter("name", "stringValue", name))])
    };
    let insert =
        |sets: Vec<Value>| value!({ "sql": "INSERT INTO t VALUES (:id, :name)", "parameterSets": sets });
    let batch = async |input| served.told("BatchExecuteStatement", input).await;
    let mut told = Vec::new();
    told.push(batch(insert(vec![set(1, "a"), set(2, "b")])).await);
    told.push(batch(insert(vec![set(3, "a"), set(1, "b")])).await);
    told.push(batch(insert(vec![set(4, "a"), value!([(parameter("id", "longValue", 5))])])).await);
    told.push(batch(insert(vec![])).await);
    told.push(served.sql("SELECT array_agg(id) AS ids FROM t").await);
    expect![[r#"
        {"updateResults":[{"generatedFields":[]},{"generatedFields":[]}]}
        DatabaseErrorException: ERROR: duplicate key value violates unique constraint "t_pkey"; Detail: Key (id)=(1) already exists.; SQLState: 23505
        BadRequestException: Cannot find parameter: name
        {"updateResults":[]}
        {"numberOfRecordsUpdated":0,"records":[[{"arrayValue":{"longValues":[1,2]}}]]}"#]].assert_eq(&told.join("\n"));
}

#[tokio::test]
async fn time_is_limited() {
    let limits = Limits {
        statement: std::time::Duration::from_millis(200),
        waiting: std::time::Duration::from_millis(200),
        transaction_idle: std::time::Duration::from_millis(50),
        ..Limits::default()
    };
    let Some(served) = served(1, limits) else { return };
    let mut told = Vec::new();
    // It is cancelled, and its connection serves the next.
    let fault = served.call("ExecuteStatement", value!({ "sql": "SELECT pg_sleep(60)" })).await.unwrap_err();
    assert!(fault.members.get("dbConnectionId").is_some_and(Value::is_number));
    told.push(common::told(Err(fault)));
    told.push(served.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'").await);
    // It goes on, and the only connection with it.
    served.sql("CREATE TABLE done (id int)").await;
    let slow = "WITH slept AS (SELECT pg_sleep(0.6)) INSERT INTO done SELECT 1 FROM slept";
    told.push(served.told("ExecuteStatement", value!({ "sql": slow, "continueAfterTimeout": true })).await);
    told.push(served.sql("SELECT count(*) FROM done").await);
    let done = r#"{"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}"#;
    while served.sql("SELECT count(*) FROM done").await != done {}
    // Nobody uses the transaction, so the connection is free again.
    let begun = served.call("BeginTransaction", value!({})).await.unwrap();
    let id = begun.get("transactionId").unwrap().as_str().unwrap();
    told.push(served.sql("SELECT 'free'").await);
    told.push(served.told("CommitTransaction", value!({ "transactionId": id })).await.replace(id, "ID"));
    expect![[r#"
        StatementTimeoutException: Request timed out
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":0}]]}
        StatementTimeoutException: Request timed out
        ServiceUnavailableError: All connections to the database orders (1) are in use, by statements or open transactions; try again, or set connections_max in [databases.orders]
        {"numberOfRecordsUpdated":0,"records":[[{"stringValue":"free"}]]}
        TransactionNotFoundException: Transaction ID is not found"#]].assert_eq(&told.join("\n"));
}

#[tokio::test]
async fn connections_are_used_again_and_not_left_changed() {
    let Some(served) = served(2, Limits::default()) else { return };
    let mut said = Vec::new();
    let backend = "SELECT pg_backend_pid() AS pid";
    let first = served.sql(backend).await;
    assert_eq!(served.sql(backend).await, first, "the same connection");
    // Whoever comes next has none of the settings and none of the transaction.
    served.sql("SET search_path TO nowhere").await;
    assert_ne!(served.sql(backend).await, first, "a new one");
    said.push(served.sql("SHOW search_path").await);
    served.sql("CREATE TABLE t (id int)").await;
    served.sql("BEGIN").await;
    said.push(served.sql("INSERT INTO t VALUES (1)").await);
    // A statement that was prepared before the table was changed.
    said.push(served.sql("SELECT * FROM t").await);
    served.sql("ALTER TABLE t ADD COLUMN name text").await;
    said.push(served.sql("SELECT * FROM t").await);
    // One that the database has closed is replaced.
    let pid = first_number(&served.sql(backend).await);
    let admin = served.another();
    let ask =
        async |sql: String| told(common::call(&admin, "ExecuteStatement", value!({ "sql": sql })).await);
    ask(format!("SELECT pg_terminate_backend({pid})")).await;
    while first_number(&ask(format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}")).await) != 0 {}
    said.push(served.sql("SELECT 'replaced'").await);
    // Other databases and schemas have connections of their own.
    served.sql("CREATE DATABASE other").await;
    served.sql("CREATE SCHEMA \"a b\"").await;
    for elsewhere in [value!({ "database": "other" }), value!({ "schema": "a b" }), value!({})] {
        let mut input = elsewhere;
        input.as_object_mut().unwrap().insert("sql", "SELECT current_database() AS d, current_schema() AS s");
        said.push(served.told("ExecuteStatement", input).await);
    }
    expect![[r#"
        {"numberOfRecordsUpdated":0,"records":[[{"stringValue":"\"$user\", public"}]]}
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":1},{"isNull":true}]]}
        {"numberOfRecordsUpdated":0,"records":[[{"stringValue":"replaced"}]]}
        {"numberOfRecordsUpdated":0,"records":[[{"stringValue":"other"},{"stringValue":"public"}]]}
        {"numberOfRecordsUpdated":0,"records":[[{"stringValue":"postgres"},{"stringValue":"a b"}]]}
        {"numberOfRecordsUpdated":0,"records":[[{"stringValue":"postgres"},{"stringValue":"public"}]]}"#]]
    .assert_eq(&said.join("\n"));
}

#[tokio::test]
async fn a_cursor_of_the_same_name_has_its_own_columns() {
    let Some(served) = served(1, Limits::default()) else { return };
    let begun = served.call("BeginTransaction", value!({})).await.unwrap();
    let id = begun.get("transactionId").unwrap().as_str().unwrap();
    let mut said = Vec::new();
    for columns in ["1 AS a", "1 AS a, 'x' AS b"] {
        let cursor = format!("DECLARE c CURSOR FOR SELECT {columns}");
        for sql in [cursor.as_str(), "FETCH c", "CLOSE c"] {
            said.push(served.told("ExecuteStatement", value!({ "sql": sql, "transactionId": id })).await);
        }
    }
    let updated = r#"{"numberOfRecordsUpdated":0,"generatedFields":[]}"#;
    let fetched = [
        r#"{"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}"#,
        r#"{"numberOfRecordsUpdated":0,"records":[[{"longValue":1},{"stringValue":"x"}]]}"#,
    ];
    assert_eq!(said, [updated, fetched[0], updated, updated, fetched[1], updated]);
}

/// The value of a result with one number.
fn first_number(text: &str) -> i64 {
    let output = Value::parse(text).unwrap();
    let record = output.get("records").and_then(|records| records.at(0)?.at(0));
    record.unwrap().get("longValue").unwrap().as_i64().unwrap()
}

#[tokio::test]
async fn encrypted() {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (cert.pem(), signing_key.serialize_pem());
    let identity = relational::testing::Identity { certificate: &certificate, key: &key };
    let Some(server) = Server::postgres(Some(identity)) else { return };
    let mut text = String::new();
    for mode in ["disable", "require", "verify-full"] {
        let place = relational::Place::parse(&format!("{}?sslmode={mode}", server.url())).unwrap();
        let database = relational::Database { place, connections_max: 1 };
        let service =
            relational::Relational::new([("orders".to_owned(), database)].into(), Limits::default());
        let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        let said = told(common::call(&service, "ExecuteStatement", value!({ "sql": sql })).await);
        text.push_str(&format!("{mode}: {}\n", said.replace(&server.port().to_string(), "PORT")));
    }
    expect![[r#"
        disable: {"numberOfRecordsUpdated":0,"records":[[{"booleanValue":false}]]}
        require: {"numberOfRecordsUpdated":0,"records":[[{"booleanValue":true}]]}
        verify-full: DatabaseUnavailableException: PostgreSQL at 127.0.0.1:PORT cannot be reached: invalid peer certificate: UnknownIssuer
    "#]].assert_eq(&text);
}
