//! What both kinds of APIs have, as operations take it: modes of authorization, keys, data sources.
//!
//! Never here: files.

use aws_names::Scope;
use json::{Array, Object, Value, value};

use super::file::{Auth, File, Mode, Source};

/// The role of data sources, which nothing is called as unless AWS itself is called.
const ROLE: &str = "stepwell-dev";

/// Seconds that an authorizer's answer counts, unless somebody says otherwise. (API reference, LambdaAuthorizerConfig)
const AUTHORIZER_TTL_SECONDS: u32 = 300;

/// The modes of a file: API keys, unless it says otherwise.
pub fn auth(file: &File) -> Vec<Auth> {
    if file.auth.is_empty() { vec![Auth::default()] } else { file.auth.clone() }
}

/// `AuthenticationType` (or, of the Events API, `AuthType`) with the configuration that it needs. `pool` is the name of the
/// member for a user pool's.
pub fn provider(auth: &Auth, of: (&'static str, &'static str), scope: &Scope) -> Result<Object, String> {
    let (type_member, pool_member) = of;
    let needed = |member: &Option<String>, name: &str| {
        let missing = || format!("auth: {} needs {name} = \"…\"", auth.mode.name());
        member.clone().ok_or_else(missing)
    };
    let mut provider = Object::new();
    provider.insert(type_member, auth.mode.name());
    match auth.mode {
        Mode::ApiKey | Mode::AwsIam => {}
        Mode::AmazonCognitoUserPools => {
            let mut config = Object::new();
            config.insert("UserPoolId", needed(&auth.user_pool, "user_pool")?);
            config.insert("AwsRegion", auth.region.clone().unwrap_or_else(|| scope.region.clone()));
            insert_some(&mut config, "AppIdClientRegex", auth.client_id.clone());
            provider.insert(pool_member, config);
        }
        Mode::OpenidConnect => {
            let mut config = Object::new();
            config.insert("Issuer", needed(&auth.issuer, "issuer")?);
            insert_some(&mut config, "ClientId", auth.client_id.clone());
            insert_some(&mut config, "IatTTL", auth.iat_ttl.map(whole));
            insert_some(&mut config, "AuthTTL", auth.auth_ttl.map(whole));
            provider.insert("OpenIDConnectConfig", config);
        }
        Mode::AwsLambda => {
            let mut config = Object::new();
            config.insert("AuthorizerUri", function(scope, &needed(&auth.function, "function")?));
            let ttl = auth.ttl.unwrap_or(AUTHORIZER_TTL_SECONDS);
            config.insert("AuthorizerResultTtlInSeconds", i64::from(ttl));
            insert_some(&mut config, "IdentityValidationExpression", auth.token_pattern.clone());
            provider.insert("LambdaAuthorizerConfig", config);
        }
    }
    Ok(provider)
}

/// What is wrong with keys that a file names.
pub fn key_problems(file: &File) -> Vec<String> {
    let is_key = |key: &str| {
        let rest = key.strip_prefix("da2-").unwrap_or_default();
        (8..=60).contains(&rest.len())
            && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let wrong = file.api_keys.iter().filter(|key| !is_key(key));
    // A key lets people in, and this may be somebody's real one with a slip in it: it is not repeated.
    wrong
        .map(|_| {
            "api_keys: a key is da2- and 8 to 60 lower-case letters and digits behind it, such as \"da2-postsdevelopment\""
                .to_owned()
        })
        .collect()
}

/// The input of CreateDataSource.
pub fn source(name: &str, source: &Source, scope: &Scope) -> Result<Object, String> {
    let region = source.region.clone().unwrap_or_else(|| scope.region.clone());
    let mut input = Object::new();
    input.insert("Name", name);
    let kinds = [
        source.table.is_some(),
        source.function.is_some(),
        source.database.is_some(),
        source.url.is_some(),
        source.bus.is_some(),
        source.search.is_some(),
        source.bedrock,
        source.none,
    ];
    if kinds.into_iter().filter(|is| *is).count() != 1 {
        return Err("name one of table, function, database, url, bus, search, bedrock and none".to_owned());
    }
    let mut kind = |name: &str, config: Option<(&'static str, Value)>| {
        input.insert("Type", name);
        if let Some((member, config)) = config {
            input.insert(member, config);
        }
    };
    if let Some(table) = &source.table {
        kind("AMAZON_DYNAMODB", Some(("DynamodbConfig", table_config(table, source, &region)?)));
    } else if let Some(name) = &source.function {
        kind("AWS_LAMBDA", Some(("LambdaConfig", value!({ "LambdaFunctionArn": (function(scope, name)) }))));
    } else if let Some(database) = &source.database {
        let config = database_config(database, source, scope);
        kind("RELATIONAL_DATABASE", Some(("RelationalDatabaseConfig", config)));
    } else if let Some(url) = &source.url {
        kind("HTTP", Some(("HttpConfig", http_config(url, source, &region))));
    } else if let Some(bus) = &source.bus {
        let arn =
            format!("arn:{}:events:{}:{}:event-bus/{bus}", scope.partition, scope.region, scope.account);
        kind("AMAZON_EVENTBRIDGE", Some(("EventBridgeConfig", value!({ "EventBusArn": (arn) }))));
    } else if let Some(search) = &source.search {
        let config = value!({ "Endpoint": (search.as_str()), "AwsRegion": (region) });
        kind("AMAZON_OPENSEARCH_SERVICE", Some(("OpenSearchServiceConfig", config)));
    } else if source.bedrock {
        kind("AMAZON_BEDROCK_RUNTIME", None);
    } else {
        kind("NONE", None);
    }
    let needs_no_role = source.none || source.url.is_some() && source.signed_for.is_none();
    if !needs_no_role {
        let role = format!("arn:{}:iam::{}:role/{ROLE}", scope.partition, scope.account);
        input.insert("ServiceRoleArn", role);
    }
    Ok(input)
}

fn table_config(table: &str, source: &Source, region: &str) -> Result<Value, String> {
    let mut config = Object::new();
    config.insert("TableName", table);
    config.insert("AwsRegion", region);
    config.insert("Versioned", source.versioned);
    match (&source.delta_table, source.versioned) {
        (Some(delta), true) => {
            let mut sync = Object::new();
            sync.insert("DeltaSyncTableName", delta.as_str());
            insert_some(&mut sync, "BaseTableTTL", source.base_ttl.map(i64::from));
            insert_some(&mut sync, "DeltaSyncTableTTL", source.delta_ttl.map(i64::from));
            config.insert("DeltaSyncConfig", sync);
        }
        (Some(_), false) => return Err("delta_table is for a source that is versioned = true".to_owned()),
        (None, _) => {}
    }
    Ok(config.into())
}

fn database_config(database: &str, source: &Source, scope: &Scope) -> Value {
    let arn = |service: &str, rest: &str| {
        format!("arn:{}:{service}:{}:{}:{rest}", scope.partition, scope.region, scope.account)
    };
    let mut endpoint = Object::new();
    endpoint.insert("AwsRegion", scope.region.as_str());
    endpoint.insert("DbClusterIdentifier", arn("rds", &format!("cluster:{database}")));
    // The Data API wants a secret; who may connect is written in [databases].
    endpoint.insert("AwsSecretStoreArn", arn("secretsmanager", &format!("secret:{database}")));
    insert_some(&mut endpoint, "DatabaseName", source.database_name.clone());
    insert_some(&mut endpoint, "Schema", source.database_schema.clone());
    value!({ "RelationalDatabaseSourceType": "RDS_HTTP_ENDPOINT", "RdsHttpEndpointConfig": (endpoint) })
}

fn http_config(url: &str, source: &Source, region: &str) -> Value {
    let mut config = Object::new();
    config.insert("Endpoint", url);
    if let Some(service) = &source.signed_for {
        let signing = value!({ "SigningRegion": (region), "SigningServiceName": (service.as_str()) });
        let authorization = value!({ "AuthorizationType": "AWS_IAM", "AwsIamConfig": (signing) });
        config.insert("AuthorizationConfig", authorization);
    }
    config.into()
}

/// The ARN of a function of this server.
pub fn function(scope: &Scope, name: &str) -> String {
    format!("arn:{}:lambda:{}:{}:function:{name}", scope.partition, scope.region, scope.account)
}

/// The names of modes, as the Events API lists them.
pub fn modes(modes: impl IntoIterator<Item = Mode>) -> Array {
    modes.into_iter().map(|mode| value!({ "AuthType": (mode.name()) })).collect()
}

/// Inserts what is there.
pub fn insert_some(into: &mut Object, name: &'static str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        into.insert(name, value);
    }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
