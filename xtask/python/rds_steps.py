"""The RDS Data API, as data: what is called and what must come of it. (The words are explained in scenario_steps.py.)

It begins with databases of its own, which end with the script.
"""

import json

import databases
from scenario_steps import ROLE, TEXT

SERVICE = "rds-data"
STATES = "arn:aws:states:us-east-1:123456789012"
NAMES = {"machine": f"{STATES}:stateMachine:order"}
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders"
URLS = {"orders": databases.postgres(), "shop": databases.mariadb()}
SETTINGS = "".join(f'[databases.{name}]\nurl = "{url}"\n' for name, url in URLS.items() if url)
# Nobody listens there.
SETTINGS += '[databases.nobody]\nurl = "postgres://ada@127.0.0.1:1/orders"\n'


def on(cluster, sql=None, parameters=None, **more):
    asked = {"resourceArn": f"arn:aws:rds:us-east-1:123456789012:cluster:{cluster}", "secretArn": SECRET, **more}
    if sql is not None:
        asked["sql"] = sql
    if parameters is not None:
        asked["parameters"] = parameters
    return asked


def value(name, hint=None, **field):
    return {"name": name, "value": field} | ({"typeHint": hint} if hint else {})


def statement(what, cluster, sql, *parameters, gives=None, refused=None, more=None):
    step = {"what": what, "call": "ExecuteStatement", "with": on(cluster, sql, list(parameters), **(more or {}))}
    return step | ({"refused": refused} if refused else {"gives": gives or {}})


# A Task writes, another one reads, a third fails on the key.
TASK = "arn:aws:states:::aws-sdk:rdsdata:executeStatement"
WHERE = {"ResourceArn": on("orders")["resourceArn"], "SecretArn": SECRET}
MACHINE = json.dumps({"StartAt": "Write", "States": {
    "Write": {"Type": "Task", "Resource": TASK, "ResultPath": "$.written", "Next": "Read", "Parameters": {
        **WHERE, "Sql": "INSERT INTO orders (id, customer) VALUES (:id, :customer)", "Parameters": [
            {"Name": "id", "Value": {"LongValue": 70}}, {"Name": "customer", "Value": {"StringValue.$": "$.customer"}}]}},
    "Read": {"Type": "Task", "Resource": TASK, "ResultPath": "$.read", "Next": "Again", "Parameters": {
        **WHERE, "Sql": "SELECT customer FROM orders WHERE id = 70", "FormatRecordsAs": "JSON"}},
    "Again": {"Type": "Task", "Resource": TASK, "End": True, "Parameters": {
        **WHERE, "Sql": "INSERT INTO orders (id, customer) VALUES (70, 'b')"},
        "Catch": [{"ErrorEquals": ["RdsData.DatabaseErrorException"], "ResultPath": "$.failed", "Next": "Kept"}]},
    "Kept": {"Type": "Pass", "Parameters": {
        "written.$": "$.written.NumberOfRecordsUpdated", "read.$": "$.read.FormattedRecords"}, "End": True},
}})

ORDERS = [
    statement("a table is made", "orders",
              "CREATE TABLE orders (id int PRIMARY KEY, customer text NOT NULL, total numeric(8,2), placed timestamp, day date, "
              "at time, paid boolean, weight float8, photo bytea, tags text[], details jsonb, token uuid)",
              gives={"numberOfRecordsUpdated": 0, "generatedFields": []}),
    statement("values become parameters", "orders",
              "INSERT INTO orders VALUES (:id, :customer, :total, :placed, :day, :at, :paid, :weight, :photo, ARRAY[:tag, 'b'], "
              ":details, :token)",
              value("id", longValue=1), value("customer", stringValue="O'Hara :x; --"),
              value("total", "DECIMAL", stringValue="12.50"), value("placed", "TIMESTAMP", stringValue="2024-01-02 03:04:05.6"),
              value("day", "DATE", stringValue="2024-01-02"), value("at", "TIME", stringValue="03:04:05"),
              value("paid", booleanValue=True), value("weight", doubleValue=1.25), value("photo", blobValue=b"\x00\xff"),
              value("tag", stringValue="a"), value("details", "JSON", stringValue='{"a": 1}'),
              value("token", "UUID", stringValue="7f2c4e6a-0000-4000-8000-00000000abcd"),
              gives={"numberOfRecordsUpdated": 1}),
    statement("and come back as fields", "orders", "SELECT * FROM orders WHERE id = :id", value("id", longValue=1), gives={
        "records.0": [
            {"longValue": 1}, {"stringValue": "O'Hara :x; --"}, {"stringValue": "12.50"},
            {"stringValue": "2024-01-02 03:04:05.6"}, {"stringValue": "2024-01-02"}, {"stringValue": "03:04:05"},
            {"booleanValue": True}, {"doubleValue": 1.25}, {"blobValue": b"\x00\xff"},
            {"arrayValue": {"stringValues": ["a", "b"]}}, {"stringValue": '{"a": 1}'},
            {"stringValue": "7f2c4e6a-0000-4000-8000-00000000abcd"}],
        "columnMetadata": None}),
    statement("columns are told of", "orders", "SELECT id, total AS price FROM orders", more={"includeResultMetadata": True},
              gives={"columnMetadata.*.label": ["id", "price"], "columnMetadata.*.typeName": ["int4", "numeric"],
                     "columnMetadata.*.type": [4, 2], "columnMetadata.*.precision": [10, 8], "columnMetadata.*.scale": [0, 2],
                     "columnMetadata.*.nullable": [0, 1], "columnMetadata.*.tableName": ["orders", "orders"]}),
    statement("NULL is NULL", "orders", "SELECT NULL AS nothing", gives={"records.0.0": {"isNull": True}}),
    statement("NULL goes in", "orders", "UPDATE orders SET total = :t", value("t", isNull=True), gives={"numberOfRecordsUpdated": 1}),
    statement("decimals can be numbers", "orders", "SELECT 1.50, 2::numeric, 3", gives={
        "records.0": [{"doubleValue": 1.5}, {"longValue": 2}, {"stringValue": "3"}]},
              more={"resultSetOptions": {"decimalReturnType": "DOUBLE_OR_LONG", "longReturnType": "STRING"}}),
    statement("rows can be one JSON text", "orders", "SELECT id, customer AS who, paid FROM orders", more={"formatRecordsAs": "JSON"},
              gives={"formattedRecords.json": [{"id": 1, "who": "O'Hara :x; --", "paid": True}], "records": None}),
    statement("RETURNING gives rows", "orders", "INSERT INTO orders (id, customer) VALUES (2, 'b') RETURNING id",
              gives={"records": [[{"longValue": 2}]]}),
    statement("casts are no names", "orders", "SELECT '5'::int + :n::int", value("n", longValue=2), gives={"records.0.0.longValue": 7}),
    statement("quotes have no names", "orders", "SELECT ':n', $$:n$$ -- :n", gives={"records.0.0.stringValue": ":n"}),
    statement("the schema is looked in", "orders", "SELECT current_schema()", more={"schema": "pg_catalog"},
              gives={"records.0.0.stringValue": "pg_catalog"}),
    statement("another database of the server", "orders", "SELECT current_database()", more={"database": "template1"},
              gives={"records.0.0.stringValue": "template1"}),
]
WRONG = [
    statement("a table that is not there", "orders", "SELECT * FROM absent", refused=(
        "DatabaseErrorException", 'ERROR: relation "absent" does not exist; Position: 15; SQLState: 42P01')),
    statement("a key twice", "orders", "INSERT INTO orders (id, customer) VALUES (1, 'b')", refused=(
        "DatabaseErrorException", 'ERROR: duplicate key value violates unique constraint "orders_pkey"; Detail: …')),
    statement("a text is no UUID without a hint", "orders", "SELECT * FROM orders WHERE token = :t", value("t", stringValue="x"),
              refused=("DatabaseErrorException", "ERROR: operator does not exist: uuid = text; Hint: …")),
    statement("a parameter that is not given", "orders", "SELECT :n", refused=("BadRequestException", "Cannot find parameter: n")),
    statement("an array", "orders", "SELECT :n", value("n", arrayValue={"longValues": [1]}),
              refused=("BadRequestException", "Array parameters are not supported.")),
    statement("two statements", "orders", "SELECT 1; SELECT 2", refused=("BadRequestException", "Multistatements aren't supported")),
    statement("a result that is too large", "orders", "SELECT repeat('x', 2000000)",
              refused=("UnsupportedResultException", "Database response exceeded size limit")),
    statement("a cluster that is not there", "absent", "SELECT 1", refused=(
        "DatabaseNotFoundException", "There is no database absent here: name it in stepwell.toml, [databases.absent] …")),
    statement("a server that is not there", "nobody", "SELECT 1", refused=(
        "DatabaseUnavailableException", "PostgreSQL at 127.0.0.1:1 cannot be reached: …")),
    {"what": "an operation of the past", "call": "ExecuteSql", "with": {
        "dbClusterOrInstanceArn": on("orders")["resourceArn"], "awsSecretStoreArn": SECRET, "sqlStatements": "SELECT 1"},
     "refused": ("BadRequestException", "ExecuteSql is not supported: …")},
]


def transaction(cluster):
    within, steps = {"transactionId": "${transaction}"}, []
    there, read = [[{"stringValue": "within"}]], "SELECT customer FROM orders WHERE id = 50"
    for call, says, left in [("RollbackTransaction", "Rollback Complete", []), ("CommitTransaction", "Transaction Committed", there)]:
        steps += [
            {"what": "a transaction begins", "call": "BeginTransaction", "with": on(cluster), "gives": {"transactionId": TEXT},
             "keep": {"transaction": "transactionId"}},
            statement("it writes", cluster, "INSERT INTO orders (id, customer) VALUES (50, 'within')", more=within,
                      gives={"numberOfRecordsUpdated": 1}),
            statement("it reads what it wrote", cluster, read, more=within, gives={"records": there}),
            statement("others do not", cluster, read, gives={"records": []}),
            {"what": says, "call": call, "with": on(cluster, **within), "gives": {"transactionStatus": says}},
            {"what": "it is open no more", "call": call, "with": on(cluster, **within),
             "refused": ("TransactionNotFoundException", "Transaction ${transaction} is not found")},
            statement("what is left of it", cluster, read, gives={"records": left}),
        ]
    return steps


def batch(cluster):
    insert = "INSERT INTO orders (id, customer) VALUES (:id, :customer)"

    def sets(*ids):
        return [[value("id", longValue=number), value("customer", stringValue="batch")] for number in ids]

    return [
        {"what": "a batch", "call": "BatchExecuteStatement", "with": on(cluster, insert, parameterSets=sets(60, 61)),
         "gives": {"updateResults.*.generatedFields": [[], []]}},
        {"what": "a batch that fails", "call": "BatchExecuteStatement", "with": on(cluster, insert, parameterSets=sets(62, 60)),
         "refused": ("DatabaseErrorException", "…")},
        statement("leaves nothing behind", cluster, "SELECT id FROM orders WHERE customer = 'batch' ORDER BY id",
                  gives={"records": [[{"longValue": 60}], [{"longValue": 61}]]}),
    ]


MACHINES = [
    {"what": "a machine", "call": "stepfunctions:CreateStateMachine", "with": {"name": "order", "roleArn": ROLE, "definition": MACHINE}},
    {"what": "runs", "call": "stepfunctions:StartExecution", "with": {"stateMachineArn": "${machine}", "input": '{"customer": "task"}'},
     "keep": {"execution": "executionArn"}},
    {"what": "its Tasks wrote, read and failed", "call": "stepfunctions:DescribeExecution", "with": {"executionArn": "${execution}"},
     "until": True, "gives": {"status": "SUCCEEDED", "output.json": {"written": 1, "read": '[{"customer":"task"}]'}}},
]
SHOP = [
    statement("a table of MySQL", "shop", "CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, customer varchar(40) NOT NULL, "
              "total decimal(8,2), paid boolean, photo blob, placed datetime)"),
    statement("it counts by itself", "shop", "INSERT INTO orders (customer, total, paid, photo, placed) "
              "VALUES (:customer, :total, :paid, :photo, :placed)", value("customer", stringValue="O'Hara :x ?"),
              value("total", "DECIMAL", stringValue="12.50"), value("paid", booleanValue=True), value("photo", blobValue=b"\x00\xff"),
              value("placed", "TIMESTAMP", stringValue="2024-01-02 03:04:05"),
              gives={"numberOfRecordsUpdated": 1, "generatedFields": [{"longValue": 1}]}),
    statement("values come back", "shop", "SELECT * FROM orders WHERE id = :id", value("id", longValue=1),
              more={"includeResultMetadata": True}, gives={
                  "records.0": [{"longValue": 1}, {"stringValue": "O'Hara :x ?"}, {"stringValue": "12.50"}, {"booleanValue": True},
                                {"blobValue": b"\x00\xff"}, {"stringValue": "2024-01-02 03:04:05"}],
                  "columnMetadata.*.typeName": ["INT", "VARCHAR", "DECIMAL", "BIT", "BLOB", "DATETIME"],
                  "columnMetadata.0.isAutoIncrement": True, "columnMetadata.1.nullable": 0}),
    statement("a table that is not there", "shop", "SELECT * FROM absent", refused=(
        "DatabaseErrorException", "Table 'ada.absent' doesn't exist; Error code: 1146; SQLState: 42S02")),
    statement("a schema is nothing of MySQL's", "shop", "SELECT 1", more={"schema": "s"}, refused=(
        "BadRequestException", "Schema parameter isn't supported: …")),
]
STEPS = []
if URLS["orders"]:
    STEPS += ORDERS + WRONG + transaction("orders") + batch("orders") + MACHINES
if URLS["shop"]:
    STEPS += SHOP + transaction("shop")
