//! What a reference to a resource comes to: names and ARNs as this server has them.

use aws_names::Scope;
use json::Value;

/// A resource that is referred to.
pub struct Known<'k> {
    /// `AWS::DynamoDB::Table`
    pub kind: &'k str,
    /// Its logical identifier, behind those of the stacks that it is in.
    pub path: String,
    /// The name that its properties give it, or the logical identifier.
    pub name: String,
    /// Region and account.
    pub scope: &'k Scope,
}

/// Begins a mark that stands for an API's identifier, which is known once the API is there. The path follows, and an end.
pub const API: &str = "\u{0}api:";
/// The same for a function's.
pub const FUNCTION: &str = "\u{0}function:";
/// Ends a mark.
pub const END: char = '\u{0}';

/// The path of a mark that is the whole text.
pub fn path_of<'t>(text: &'t str, begin: &str) -> Option<&'t str> {
    text.strip_prefix(begin)?.strip_suffix(END).filter(|path| !path.contains(END))
}

/// A text with marks as a part of it: the logical identifier is as good a name for an API as any. (Amplify's tables are
/// called after it.)
pub fn unmarked(text: &str) -> String {
    let mut parts = text.split(API);
    let mut done = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (path, rest) = part.split_once(END).unwrap_or((part, ""));
        done.push_str(path.rsplit('/').next().unwrap_or(path));
        done.push_str(rest);
    }
    done
}

/// The property that names such a resource.
pub fn naming_property(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AWS::DynamoDB::Table" => "TableName",
        "Custom::AmplifyDynamoDBTable" | "Custom::ImportedAmplifyDynamoDBTable" => "tableName",
        "AWS::Lambda::Function" => "FunctionName",
        "AWS::IAM::Role" => "RoleName",
        "AWS::StepFunctions::StateMachine" => "StateMachineName",
        "AWS::SQS::Queue" => "QueueName",
        "AWS::SNS::Topic" => "TopicName",
        "AWS::RDS::DBCluster" => "DBClusterIdentifier",
        "AWS::Events::EventBus" | "AWS::SecretsManager::Secret" | "AWS::AppSync::DataSource" => "Name",
        "AWS::AppSync::FunctionConfiguration" => "Name",
        _ => return None,
    })
}

/// `Ref`
pub fn reference(known: Known<'_>) -> Result<Value, String> {
    let text = match known.kind {
        "AWS::AppSync::GraphQLApi" | "AWS::AppSync::Api" => format!("{API}{}{END}", known.path),
        "AWS::StepFunctions::StateMachine" => arn(&known, "states", "stateMachine:"),
        "AWS::SNS::Topic" => arn(&known, "sns", ""),
        "AWS::SecretsManager::Secret" => arn(&known, "secretsmanager", "secret:"),
        _ => known.name,
    };
    Ok(text.into())
}

/// `Fn::GetAtt`
pub fn attribute(known: Known<'_>, attribute: &str) -> Result<Value, String> {
    let text = match (known.kind, attribute) {
        ("AWS::AppSync::GraphQLApi" | "AWS::AppSync::Api", "ApiId") => format!("{API}{}{END}", known.path),
        ("AWS::AppSync::FunctionConfiguration", "FunctionId") => format!("{FUNCTION}{}{END}", known.path),
        ("AWS::AppSync::DataSource" | "AWS::AppSync::FunctionConfiguration", "Name") => known.name,
        ("AWS::DynamoDB::Table", "Arn") => arn(&known, "dynamodb", "table/"),
        ("Custom::AmplifyDynamoDBTable" | "Custom::ImportedAmplifyDynamoDBTable", "TableArn") => {
            arn(&known, "dynamodb", "table/")
        }
        ("AWS::Lambda::Function", "Arn") => arn(&known, "lambda", "function:"),
        ("AWS::IAM::Role", "Arn") => {
            format!("arn:{}:iam::{}:role/{}", known.scope.partition, known.scope.account, known.name)
        }
        ("AWS::StepFunctions::StateMachine", "Arn") => arn(&known, "states", "stateMachine:"),
        ("AWS::StepFunctions::StateMachine", "Name") => known.name,
        ("AWS::SQS::Queue", "Arn") => arn(&known, "sqs", ""),
        ("AWS::Events::EventBus", "Arn") => arn(&known, "events", "event-bus/"),
        ("AWS::RDS::DBCluster", "DBClusterArn") => arn(&known, "rds", "cluster:"),
        (kind, _) => return Err(format!("{attribute} of {} ({kind}) is not known here", known.path)),
    };
    Ok(text.into())
}

fn arn(known: &Known<'_>, service: &str, before: &str) -> String {
    let Scope { partition, region, account } = known.scope;
    format!("arn:{partition}:{service}:{region}:{account}:{before}{}", known.name)
}
