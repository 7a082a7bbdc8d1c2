//! A real MariaDB, asked by the operations of `rds-data`.

mod common;

use common::{Served, hinted, parameter, told};
use expect_test::expect;
use json::{Value, value};
use relational::Limits;
use relational::testing::{Identity, Server};

/// None if there is no MariaDB here, which is said on standard error.
fn served(connections_max: usize, limits: Limits) -> Option<Served> {
    Server::mariadb(None).map(|server| Served::new(server, connections_max, limits))
}

#[tokio::test]
async fn values_go_in_and_come_out() {
    let Some(served) = served(2, Limits::default()) else { return };
    let none = value!([]);
    let made = served
        .script(&[
            (
                "CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, customer varchar(40) NOT NULL, total decimal(10,2), \
                 placed datetime(3), day date, at time, paid boolean, weight double, light float, photo blob, note text, \
                 details json, size enum('s', 'l'), big bigint unsigned, flag bit(1), year year, token uuid)",
                none.clone(),
            ),
            (
                "INSERT INTO orders (customer, total, placed, day, at, paid, weight, light, photo, note, details, size, big, flag, \
                 year, token) VALUES (:customer, :total, :placed, :day, :at, :paid, :weight, 0.5, :photo, :note, :details, 'l', \
                 18446744073709551615, 1, 2024, :token)",
                value!([
                    (parameter("customer", "stringValue", "O'Hara :x ?; --")),
                    (hinted("total", "DECIMAL", "12.50")),
                    (hinted("placed", "TIMESTAMP", "2024-01-02 03:04:05.678")),
                    (hinted("day", "DATE", "2024-01-02")),
                    (hinted("at", "TIME", "-26:04:05")),
                    (parameter("paid", "booleanValue", true)),
                    (parameter("weight", "doubleValue", 1.25)),
                    (parameter("photo", "blobValue", "AP8Q")),
                    (parameter("note", "stringValue", "é😀")),
                    (hinted("details", "JSON", "{\"a\": 1}")),
                    (hinted("token", "UUID", "7f2c4e6a-0000-4000-8000-00000000abcd")),
                ]),
            ),
            // Once with a parameter and once without: the protocol's two forms.
            ("SELECT * FROM orders WHERE id = :id AND id = :id", value!([(parameter("id", "longValue", 1))])),
            ("SELECT * FROM orders", none.clone()),
            (
                "UPDATE orders SET total = :total, paid = :paid WHERE customer LIKE :who",
                value!([
                    (parameter("total", "isNull", true)),
                    (parameter("paid", "booleanValue", false)),
                    (parameter("who", "stringValue", "O'%")),
                ]),
            ),
            ("SELECT total, paid, NULL AS nothing, :long AS length FROM orders", value!([(parameter("long", "stringValue", "x".repeat(300)))])),
            ("UPDATE orders SET paid = false", none.clone()),
            ("DELETE FROM orders WHERE false", none),
        ])
        .await;
    expect![[r#"
        CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, customer varchar(40) NOT NULL, total decimal(10,2), placed datetime(3), day date, at time, paid boolean, weight double, light float, photo blob, note text, details json, size enum('s', 'l'), big bigint unsigned, flag bit(1), year year, token uuid)
            {"numberOfRecordsUpdated":0,"generatedFields":[]}
        INSERT INTO orders (customer, total, placed, day, at, paid, weight, light, photo, note, details, size, big, flag, year, token) VALUES (:customer, :total, :placed, :day, :at, :paid, :weight, 0.5, :photo, :note, :details, 'l', 18446744073709551615, 1, 2024, :token)
            {"numberOfRecordsUpdated":1,"generatedFields":[{"longValue":1}]}
        SELECT * FROM orders WHERE id = :id AND id = :id
            {"numberOfRecordsUpdated":0,"records":[[{"longValue":1},{"stringValue":"O'Hara :x ?; --"},{"stringValue":"12.50"},{"stringValue":"2024-01-02 03:04:05.678"},{"stringValue":"2024-01-02"},{"stringValue":"-26:04:05"},{"booleanValue":true},{"doubleValue":1.25},{"doubleValue":0.5},{"blobValue":"AP8Q"},{"stringValue":"é😀"},{"stringValue":"{\"a\": 1}"},{"stringValue":"l"},{"stringValue":"18446744073709551615"},{"booleanValue":true},{"longValue":2024},{"stringValue":"7f2c4e6a-0000-4000-8000-00000000abcd"}]]}
        SELECT * FROM orders
            {"numberOfRecordsUpdated":0,"records":[[{"longValue":1},{"stringValue":"O'Hara :x ?; --"},{"stringValue":"12.50"},{"stringValue":"2024-01-02 03:04:05.678"},{"stringValue":"2024-01-02"},{"stringValue":"-26:04:05"},{"booleanValue":true},{"doubleValue":1.25},{"doubleValue":0.5},{"blobValue":"AP8Q"},{"stringValue":"é😀"},{"stringValue":"{\"a\": 1}"},{"stringValue":"l"},{"stringValue":"18446744073709551615"},{"booleanValue":true},{"longValue":2024},{"stringValue":"7f2c4e6a-0000-4000-8000-00000000abcd"}]]}
        UPDATE orders SET total = :total, paid = :paid WHERE customer LIKE :who
            {"numberOfRecordsUpdated":1,"generatedFields":[]}
        SELECT total, paid, NULL AS nothing, :long AS length FROM orders
            {"numberOfRecordsUpdated":0,"records":[[{"isNull":true},{"booleanValue":false},{"isNull":true},{"stringValue":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}]]}
        UPDATE orders SET paid = false
            {"numberOfRecordsUpdated":1,"generatedFields":[]}
        DELETE FROM orders WHERE false
            {"numberOfRecordsUpdated":0,"generatedFields":[]}
    "#]].assert_eq(&made);
}

#[tokio::test]
async fn columns_and_errors() {
    let Some(served) = served(2, Limits::default()) else { return };
    served.sql("CREATE TABLE things (id int AUTO_INCREMENT PRIMARY KEY, name varchar(10) NOT NULL, price decimal(6,2), n int unsigned)").await;
    served.sql("INSERT INTO things (name, price, n) VALUES ('a', 1.50, 3)").await;
    let sql = "SELECT id, name AS label, price, n, price * 2 AS twice FROM things";
    let output =
        served.call("ExecuteStatement", value!({ "sql": sql, "includeResultMetadata": true })).await.unwrap();
    let columns = output.get("columnMetadata").and_then(Value::as_array).unwrap();
    let mut text: String = columns.iter().map(|column| format!("{}\n", column.to_text())).collect();
    text.push_str(&served.told("ExecuteStatement", value!({ "sql": sql, "formatRecordsAs": "JSON" })).await);
    text.push('\n');
    let none = value!([]);
    text.push_str(
        &served
            .script(&[
                ("SELECT * FROM absent", none.clone()),
                (
                    "INSERT INTO things (id, name) VALUES (:id, 'b')",
                    value!([(parameter("id", "longValue", 1))]),
                ),
                ("SELECT ?", none.clone()),
                ("SELECT 1; SELECT 2", none.clone()),
                ("LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE things", none.clone()),
                ("SELECT repeat('x', 1024 * 1024 + 1)", none.clone()),
                ("SELECT repeat('x', 1024) FROM information_schema.columns LIMIT 1100", none.clone()),
                ("SELECT 1 AS still_there", none),
            ])
            .await,
    );
    text.push_str(&served.told("ExecuteStatement", value!({ "sql": "SELECT 1", "schema": "s" })).await);
    text.push('\n');
    text.push_str(
        &served.told("ExecuteStatement", value!({ "sql": "SELECT 1", "database": "absent" })).await,
    );
    expect![[r#"
        {"arrayBaseColumnType":0,"isAutoIncrement":true,"isCaseSensitive":false,"isCurrency":false,"isSigned":true,"label":"id","name":"id","nullable":0,"precision":10,"scale":0,"schemaName":"","tableName":"things","type":4,"typeName":"INT"}
        {"arrayBaseColumnType":0,"isAutoIncrement":false,"isCaseSensitive":false,"isCurrency":false,"isSigned":false,"label":"label","name":"name","nullable":0,"precision":10,"scale":0,"schemaName":"","tableName":"things","type":12,"typeName":"VARCHAR"}
        {"arrayBaseColumnType":0,"isAutoIncrement":false,"isCaseSensitive":false,"isCurrency":false,"isSigned":true,"label":"price","name":"price","nullable":1,"precision":6,"scale":2,"schemaName":"","tableName":"things","type":3,"typeName":"DECIMAL"}
        {"arrayBaseColumnType":0,"isAutoIncrement":false,"isCaseSensitive":false,"isCurrency":false,"isSigned":false,"label":"n","name":"n","nullable":1,"precision":10,"scale":0,"schemaName":"","tableName":"things","type":4,"typeName":"INT UNSIGNED"}
        {"arrayBaseColumnType":0,"isAutoIncrement":false,"isCaseSensitive":false,"isCurrency":false,"isSigned":true,"label":"twice","name":"twice","nullable":1,"precision":7,"scale":2,"schemaName":"","tableName":"","type":3,"typeName":"DECIMAL"}
        {"numberOfRecordsUpdated":0,"formattedRecords":"[{\"id\":1,\"label\":\"a\",\"price\":1.5,\"n\":3,\"twice\":3.0}]"}
        SELECT * FROM absent
            DatabaseErrorException: Table 'ada.absent' doesn't exist; Error code: 1146; SQLState: 42S02
        INSERT INTO things (id, name) VALUES (:id, 'b')
            DatabaseErrorException: Duplicate entry '1' for key 'PRIMARY'; Error code: 1062; SQLState: 23000
        SELECT ?
            BadRequestException: ? in the statement is not supported: write :name, and give a parameter of that name
        SELECT 1; SELECT 2
            BadRequestException: Multistatements aren't supported
        LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE things
            DatabaseErrorException: The used command is not allowed because the MariaDB server or client has disabled the local infile capability; Error code: 4166; SQLState: HY000
        SELECT repeat('x', 1024 * 1024 + 1)
            UnsupportedResultException: Database response exceeded size limit
        SELECT repeat('x', 1024) FROM information_schema.columns LIMIT 1100
            UnsupportedResultException: Database response exceeded size limit
        SELECT 1 AS still_there
            {"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}
        BadRequestException: Schema parameter isn't supported: MySQL has no schemas within databases; give database
        DatabaseErrorException: Unknown database 'absent'; Error code: 1049; SQLState: 42000"#]].assert_eq(&text);
}

#[tokio::test]
async fn transactions_and_batches() {
    let Some(served) = served(2, Limits::default()) else { return };
    served.sql("CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, name text)").await;
    let begin = async || {
        let begun = served.call("BeginTransaction", value!({})).await.unwrap();
        begun.get("transactionId").unwrap().as_str().unwrap().to_owned()
    };
    let count = async || served.sql("SELECT count(*) FROM t").await;
    let mut told = Vec::new();
    for end in ["CommitTransaction", "RollbackTransaction"] {
        let id = begin().await;
        let insert = value!({ "sql": "INSERT INTO t (name) VALUES ('a')", "transactionId": (id.as_str()) });
        told.push(served.told("ExecuteStatement", insert).await);
        told.push(count().await);
        told.push(served.told(end, value!({ "transactionId": id })).await);
        told.push(count().await);
    }
    let set = |name: &str| value!([(parameter("name", "stringValue", name))]);
    let insert =
        value!({ "sql": "INSERT INTO t (name) VALUES (:name)", "parameterSets": [(set("b")), (set("c"))] });
    told.push(served.told("BatchExecuteStatement", insert).await);
    let twice = value!({ "sql": "INSERT INTO t (id) VALUES (:id)", "parameterSets": [
        [(parameter("id", "longValue", 50))], [(parameter("id", "longValue", 50))],
    ] });
    told.push(served.told("BatchExecuteStatement", twice).await);
    told.push(count().await);
    expect![[r#"
        {"numberOfRecordsUpdated":1,"generatedFields":[{"longValue":1}]}
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":0}]]}
        {"transactionStatus":"Transaction Committed"}
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}
        {"numberOfRecordsUpdated":1,"generatedFields":[{"longValue":2}]}
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}
        {"transactionStatus":"Rollback Complete"}
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}
        {"updateResults":[{"generatedFields":[{"longValue":3}]},{"generatedFields":[{"longValue":4}]}]}
        DatabaseErrorException: Duplicate entry '50' for key 'PRIMARY'; Error code: 1062; SQLState: 23000
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":3}]]}"#]]
    .assert_eq(&told.join("\n"));
}

/// A transaction, as its client sees it.
struct Transaction<'s> {
    served: &'s Served,
    id: String,
}

impl Transaction<'_> {
    async fn begin(served: &Served) -> Transaction<'_> {
        let begun = served.call("BeginTransaction", value!({})).await.unwrap();
        Transaction { served, id: begun.get("transactionId").unwrap().as_str().unwrap().to_owned() }
    }

    async fn sql(&self, sql: &str) -> String {
        let input = value!({ "sql": sql, "transactionId": (self.id.as_str()) });
        self.served.told("ExecuteStatement", input).await.replace(&self.id, "ID")
    }

    async fn end(&self, operation: &str) -> String {
        let input = value!({ "transactionId": (self.id.as_str()) });
        self.served.told(operation, input).await.replace(&self.id, "ID")
    }
}

#[tokio::test]
async fn what_the_database_rolled_back_is_over() {
    let Some(served) = served(4, Limits::default()) else { return };
    served.sql("CREATE TABLE t (id int PRIMARY KEY, n int)").await;
    served.sql("INSERT INTO t VALUES (1, 0), (2, 0)").await;
    let mut told = Vec::new();
    for end in ["RollbackTransaction", "CommitTransaction"] {
        // The one that has changed less is the victim.
        let (strong, weak) = (Transaction::begin(&served).await, Transaction::begin(&served).await);
        strong.sql("INSERT INTO t SELECT seq, 0 FROM seq_1000_to_1100").await;
        strong.sql("UPDATE t SET n = 1 WHERE id = 1").await;
        told.push(weak.sql("INSERT INTO t VALUES (3, 0)").await);
        told.push(weak.sql("UPDATE t SET n = 2 WHERE id = 2").await);
        let both = tokio::join!(
            strong.sql("UPDATE t SET n = 1 WHERE id = 2"),
            weak.sql("UPDATE t SET n = 2 WHERE id = 1")
        );
        told.extend([both.0, both.1]);
        // It would be committed alone.
        told.push(weak.sql("INSERT INTO t VALUES (4, 0)").await);
        told.push(weak.end(end).await);
        told.push(weak.end(end).await);
        told.push(strong.end("RollbackTransaction").await);
        told.push(served.sql("SELECT id, n FROM t").await);
    }
    // Other errors leave it open.
    let one = Transaction::begin(&served).await;
    told.push(one.sql("INSERT INTO t VALUES (5, 0)").await);
    told.push(one.sql("INSERT INTO t VALUES (5, 0)").await);
    told.push(one.sql("SELECT * FROM absent").await);
    told.push(one.sql("INSERT INTO t VALUES (6, 0)").await);
    told.push(one.end("CommitTransaction").await);
    told.push(served.sql("SELECT id, n FROM t").await);
    expect![[r#"
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        DatabaseErrorException: Deadlock found when trying to get lock; try restarting transaction; Error code: 1213; SQLState: 40001
        DatabaseErrorException: The database has ended the transaction because of an error: call RollbackTransaction, and begin another one
        {"transactionStatus":"Rollback Complete"}
        TransactionNotFoundException: Transaction ID is not found
        {"transactionStatus":"Rollback Complete"}
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":1},{"longValue":0}],[{"longValue":2},{"longValue":0}]]}
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        DatabaseErrorException: Deadlock found when trying to get lock; try restarting transaction; Error code: 1213; SQLState: 40001
        DatabaseErrorException: The database has ended the transaction because of an error: call RollbackTransaction, and begin another one
        DatabaseErrorException: The database has ended the transaction because of an error: call RollbackTransaction, and begin another one
        TransactionNotFoundException: Transaction ID is not found
        {"transactionStatus":"Rollback Complete"}
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":1},{"longValue":0}],[{"longValue":2},{"longValue":0}]]}
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        DatabaseErrorException: Duplicate entry '5' for key 'PRIMARY'; Error code: 1062; SQLState: 23000
        DatabaseErrorException: Table 'ada.absent' doesn't exist; Error code: 1146; SQLState: 42S02
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        {"transactionStatus":"Transaction Committed"}
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":1},{"longValue":0}],[{"longValue":2},{"longValue":0}],[{"longValue":5},{"longValue":0}],[{"longValue":6},{"longValue":0}]]}"#]].assert_eq(&told.join("\n"));
}

#[tokio::test]
async fn a_transaction_goes_on_where_a_statement_committed_it() {
    let Some(served) = served(2, Limits::default()) else { return };
    served.sql("CREATE TABLE t (id int PRIMARY KEY)").await;
    let mut told = Vec::new();
    let one = Transaction::begin(&served).await;
    for sql in ["INSERT INTO t VALUES (1)", "CREATE TABLE other (id int)", "INSERT INTO t VALUES (2)"] {
        told.push(one.sql(sql).await);
    }
    told.push(one.end("RollbackTransaction").await);
    told.push(served.sql("SELECT id FROM t").await);
    expect![[r#"
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        {"numberOfRecordsUpdated":0,"generatedFields":[]}
        {"numberOfRecordsUpdated":1,"generatedFields":[]}
        {"transactionStatus":"Rollback Complete"}
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}"#]]
    .assert_eq(&told.join("\n"));
}

#[tokio::test]
async fn parameters_are_counted_each_time() {
    let Some(served) = served(1, Limits::default()) else { return };
    let one = Transaction::begin(&served).await;
    let mut told = vec![one.sql("SET sql_mode = 'NO_BACKSLASH_ESCAPES'").await];
    // One value for us, two for a database to which a backslash is a letter like others.
    let sql = "SELECT 'a\\', ?, ' -- '\n, :y";
    for _ in 0..2 {
        let parameters = value!([(parameter("y", "longValue", 1))]);
        let input = value!({ "sql": sql, "parameters": parameters, "transactionId": (one.id.as_str()) });
        told.push(served.told("ExecuteStatement", input).await);
    }
    told.push(one.sql("SELECT 1 AS still_there").await);
    expect![[r#"
        {"numberOfRecordsUpdated":0,"generatedFields":[]}
        BadRequestException: The statement has 1 parameters, and the database sees 2 in it
        BadRequestException: The statement has 1 parameters, and the database sees 2 in it
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}"#]]
    .assert_eq(&told.join("\n"));
}

#[tokio::test]
async fn what_is_in_no_transaction_is_committed_whatever_the_server_says() {
    let Some(served) = served(2, Limits::default()) else { return };
    served.sql("CREATE TABLE t (id int PRIMARY KEY)").await;
    served.sql("SET GLOBAL autocommit = 0").await;
    served.sql("INSERT INTO t VALUES (1)").await;
    let another = served.another();
    let count = common::call(&another, "ExecuteStatement", value!({ "sql": "SELECT count(*) FROM t" })).await;
    expect![[r#"{"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}"#]].assert_eq(&told(count));
}

#[tokio::test]
async fn time_is_limited_and_no_trace_is_left() {
    let limits = Limits { statement: std::time::Duration::from_millis(300), ..Limits::default() };
    let Some(served) = served(1, limits) else { return };
    let mut told = Vec::new();
    told.push(served.sql("SELECT sleep(60), 1").await);
    let id = "SELECT connection_id()";
    let first = served.sql(id).await;
    assert_eq!(served.sql(id).await, first, "the same connection");
    served.sql("SET @left = 'behind'").await;
    assert_ne!(served.sql(id).await, first, "a new one");
    told.push(served.sql("SELECT @left").await);
    served.sql("CREATE PROCEDURE two() BEGIN SELECT 1 AS a; SELECT 2 AS b; END").await;
    told.push(served.sql("CALL two()").await);
    expect![[r#"
        StatementTimeoutException: Request timed out
        {"numberOfRecordsUpdated":0,"records":[[{"isNull":true}]]}
        {"numberOfRecordsUpdated":0,"records":[[{"longValue":1}]]}"#]]
    .assert_eq(&told.join("\n"));
}

#[tokio::test]
async fn encrypted() {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (cert.pem(), signing_key.serialize_pem());
    let Some(server) = Server::mariadb(Some(Identity { certificate: &certificate, key: &key })) else {
        return;
    };
    let mut text = String::new();
    for mode in ["DISABLED", "REQUIRED", "VERIFY_IDENTITY"] {
        let place = relational::Place::parse(&format!("{}?ssl-mode={mode}", server.url())).unwrap();
        let database = relational::Database { place, connections_max: 1 };
        let service =
            relational::Relational::new([("orders".to_owned(), database)].into(), Limits::default());
        let sql = "SHOW STATUS LIKE 'Ssl_cipher'";
        let said = told(common::call(&service, "ExecuteStatement", value!({ "sql": sql })).await);
        text.push_str(&format!("{mode}: {}\n", said.replace(&server.port().to_string(), "PORT")));
    }
    expect![[r#"
        DISABLED: {"numberOfRecordsUpdated":0,"records":[[{"stringValue":"Ssl_cipher"},{"stringValue":""}]]}
        REQUIRED: {"numberOfRecordsUpdated":0,"records":[[{"stringValue":"Ssl_cipher"},{"stringValue":"TLS_AES_256_GCM_SHA384"}]]}
        VERIFY_IDENTITY: DatabaseUnavailableException: MySQL at 127.0.0.1:PORT cannot be reached: invalid peer certificate: UnknownIssuer
    "#]].assert_eq(&text);
}
