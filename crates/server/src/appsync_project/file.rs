//! `appsync.toml`: what an API is made of, beside its schema and its handlers.
//!
//! Names are those of AWS where AWS has short ones. Never here: other files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What kind of API it is.
    #[serde(default)]
    pub kind: Kind,
    /// SDL; `schema.graphql` if left out.
    pub schema: Option<PathBuf>,
    /// Who may ask, the default first; `API_KEY` if left out.
    #[serde(default)]
    pub auth: Vec<Auth>,
    /// Keys of the project's own: `da2-` and at least eight lower-case letters and digits.
    #[serde(default)]
    pub api_keys: Vec<String>,
    /// `ctx.env`
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Whether clients may ask for the schema; they may if left out.
    pub introspection: Option<bool>,
    /// 0 to 75; 0 is none.
    pub query_depth_limit: Option<u32>,
    /// 0 to 10,000; 0 is AppSync's own.
    pub resolver_count_limit: Option<u32>,
    /// The cache of results.
    pub cache: Option<Cache>,
    /// Data sources by name.
    #[serde(default)]
    pub sources: BTreeMap<String, Source>,
    /// Functions of pipelines by name.
    #[serde(default)]
    pub functions: BTreeMap<String, Step>,
    /// Resolvers by type and field: `"Query.post"`.
    #[serde(default)]
    pub resolvers: BTreeMap<String, Step>,
    /// Of an events API: modes of connections, and of those who publish and subscribe where a namespace says nothing; all
    /// modes if left out.
    pub connect: Option<Vec<Mode>>,
    /// See `connect`.
    pub publish: Option<Vec<Mode>>,
    /// See `connect`.
    pub subscribe: Option<Vec<Mode>>,
    /// Channel namespaces by name.
    #[serde(default)]
    pub namespaces: BTreeMap<String, Namespace>,
}

/// `kind`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A GraphQL API.
    #[default]
    GraphQl,
    /// One of the Events API.
    Events,
}

/// How somebody proves who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "AWS's names")]
pub enum Mode {
    #[default]
    ApiKey,
    AwsIam,
    AmazonCognitoUserPools,
    OpenidConnect,
    AwsLambda,
}

impl Mode {
    /// `API_KEY`
    pub fn name(self) -> &'static str {
        match self {
            Mode::ApiKey => "API_KEY",
            Mode::AwsIam => "AWS_IAM",
            Mode::AmazonCognitoUserPools => "AMAZON_COGNITO_USER_POOLS",
            Mode::OpenidConnect => "OPENID_CONNECT",
            Mode::AwsLambda => "AWS_LAMBDA",
        }
    }
}

/// A mode, and what it needs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Which.
    pub mode: Mode,
    /// OIDC: whose tokens count.
    pub issuer: Option<String>,
    /// OIDC and user pools: a pattern for the client that a token is for.
    pub client_id: Option<String>,
    /// OIDC: milliseconds that a token lives after `iat`.
    pub iat_ttl: Option<u64>,
    /// OIDC: milliseconds that a token lives after `auth_time`.
    pub auth_ttl: Option<u64>,
    /// User pools: the pool's identifier.
    pub user_pool: Option<String>,
    /// User pools: where the pool is; the server's own region if left out.
    pub region: Option<String>,
    /// User pools, as the default mode: whether fields without a group directive are refused.
    #[serde(default)]
    pub deny_by_default: bool,
    /// Lambda: a function of this server, by its name.
    pub function: Option<String>,
    /// Lambda: seconds that its answer counts; 300 if left out.
    pub ttl: Option<u32>,
    /// Lambda: what a token must look like before the function is asked.
    pub token_pattern: Option<String>,
}

/// `cache`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// `FULL_REQUEST_CACHING`, `PER_RESOLVER_CACHING` or `OPERATION_LEVEL_CACHING`
    pub behaviour: String,
    /// Seconds.
    pub ttl: u32,
}

/// `[sources]`: one of `table`, `function`, `database`, `url`, `bus`, `search`, `bedrock` and `none`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// A table of DynamoDB.
    pub table: Option<String>,
    /// Whether its items have versions, for conflicts and syncs.
    #[serde(default)]
    pub versioned: bool,
    /// The table that keeps what changed lately, of a versioned source.
    pub delta_table: Option<String>,
    /// Minutes that deleted items stay in the table.
    pub base_ttl: Option<u32>,
    /// Minutes that changes stay in the delta table.
    pub delta_ttl: Option<u32>,
    /// A function of this server, by its name.
    pub function: Option<String>,
    /// A database of `[databases]`.
    pub database: Option<String>,
    /// The database within it, and its schema.
    pub database_name: Option<String>,
    /// See `database_name`.
    pub database_schema: Option<String>,
    /// A server: `https://…`
    pub url: Option<String>,
    /// The service that its requests are signed for: `states`
    pub signed_for: Option<String>,
    /// The region of that service, or of a table; the server's own if left out.
    pub region: Option<String>,
    /// An event bus, by its name.
    pub bus: Option<String>,
    /// An OpenSearch domain: `https://…`
    pub search: Option<String>,
    /// Models of Bedrock.
    #[serde(default)]
    pub bedrock: bool,
    /// Nothing: the payload is the result.
    #[serde(default)]
    pub none: bool,
}

/// `[functions]` and `[resolvers]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The data source, by its name.
    pub source: Option<String>,
    /// Of a resolver: the functions of its pipeline, in order.
    pub functions: Option<Vec<String>>,
    /// Of a resolver: how long its results are kept.
    pub caching: Option<Caching>,
    /// How many requests of siblings go to a function together.
    pub max_batch_size: Option<u32>,
    /// How conflicts are handled, of a versioned source.
    pub conflicts: Option<Conflicts>,
}

/// `caching`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caching {
    /// Seconds.
    pub ttl: u32,
    /// `$context.arguments.id` and the like.
    #[serde(default)]
    pub keys: Vec<String>,
}

/// `conflicts`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conflicts {
    /// `OPTIMISTIC_CONCURRENCY`, `AUTOMERGE` or `LAMBDA`
    pub handler: String,
    /// Of `LAMBDA`: a function of this server, by its name.
    pub function: Option<String>,
}

/// `[namespaces]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Namespace {
    /// Who may publish; as the API says if left out.
    pub publish: Option<Vec<Mode>>,
    /// Who may subscribe; as the API says if left out.
    pub subscribe: Option<Vec<Mode>>,
    /// Whom `onPublish` asks.
    pub on_publish: Option<Handler>,
    /// Whom `onSubscribe` asks.
    pub on_subscribe: Option<Handler>,
}

/// `on_publish`, `on_subscribe`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handler {
    /// The data source, by its name.
    pub source: String,
    /// Whether the source, a function, does it all; otherwise the namespace's code has `request` and `response`.
    #[serde(default)]
    pub direct: bool,
    /// Whether nobody waits for a direct function.
    #[serde(default)]
    pub asynchronous: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_shows_files_that_can_be_used() {
        let blocks = include_str!("../../../../docs/appsync-project.md").split("\n```\n").skip(2).step_by(2);
        let files: Vec<File> = blocks.map(|block| toml::from_str(block).expect(block)).collect();
        let [graphql, events] = &files[..] else { panic!("{} files", files.len()) };
        assert_eq!((graphql.auth.len(), graphql.sources.len(), graphql.resolvers.len()), (5, 9, 4));
        assert_eq!((events.kind, events.namespaces.len()), (Kind::Events, 2));
    }
}
