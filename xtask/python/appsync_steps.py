"""AppSync's control plane, as data: what is called and what must come of it. (The words are explained in scenario_steps.py.)

A step `http` sends a request to an API itself: method, path, and perhaps `headers` and `body`. A call `said:Operation` gives
what boto3 says of a refusal, and the bytes of an answer as text.
"""

import json
import re

import boto3
import botocore
import botocore.config
import botocore.exceptions

from scenario_steps import ROLE, TEXT, TIME

ARN = "arn:aws:appsync:us-east-1:123456789012"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:hello"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/abc"


def said(address, operation, body):
    client = boto3.client(
        "appsync", endpoint_url=f"http://{address}", region_name="us-east-1", aws_access_key_id="any",
        aws_secret_access_key="any", config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )
    try:
        output = getattr(client, botocore.xform_name(operation))(**body)
    except botocore.exceptions.ClientError as error:
        return error.response
    return {name: value.read().decode() if hasattr(value, "read") else value for name, value in output.items()}


CALLS = {"said": said}

SCHEMA = """type Query { echo(id: ID!, text: String): Echo  echoes: [Echo!]!  env: String }
type Mutation { say(text: String!): Echo }
type Subscription { said: Echo @aws_subscribe(mutations: ["say"]) }
type Echo { id: ID! text: String }
"""
ECHO = """export function request(ctx) { return { payload: ctx.args } }
export function response(ctx) { return ctx.result }"""
ENV = """export function request(ctx) { return { payload: ctx.env.TABLE + ' ' + ctx.request.domainName } }
export function response(ctx) { return ctx.result }"""
AROUND = """export function request(ctx) { ctx.stash.id = 'x'; return {} }
export function response(ctx) { return ctx.prev.result }"""
SAY = """export function request(ctx) { return { payload: { id: ctx.stash.id, text: ctx.args.text } } }
export function response(ctx) { return ctx.result }"""
LOOP = "export function request(ctx) {\n  while (true) { }\n}"
RAISES = """import { util } from '@aws-appsync/utils'
export function request(ctx) { console.log('hello', ctx.args.id); ctx.stash.a = 1; util.error('no', 'Nope') }"""
RUNTIME = {"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"}

API = {"apiId": "${api}"}
MERGED = {"apiId": "${merged}"}
ASSOCIATION = {"mergedApiIdentifier": "${merged}", "associationId": "${association}"}
CHAT = {"apiId": "${chat}"}
ECHO_AT = {**API, "typeName": "Query", "fieldName": "echo"}
SAY_AT = {**API, "typeName": "Mutation", "fieldName": "say"}
LIST_AT = {**API, "typeName": "Query", "fieldName": "echoes"}
FUNCTION_AT = {**API, "functionId": "${function}"}
COLOR = {**API, "typeName": "Color", "format": "SDL"}
CACHE = {**API, "ttl": 60, "apiCachingBehavior": "PER_RESOLVER_CACHING", "type": "SMALL"}
DOMAIN = {"domainName": "api.example.com"}
ROOMS = {**CHAT, "name": "rooms"}
MODES = [{"authType": "API_KEY"}]
EVENTS = {
    "authProviders": MODES, "connectionAuthModes": MODES, "defaultPublishAuthModes": MODES, "defaultSubscribeAuthModes": MODES,
}


def ask(what, query, gives, status=200, **more):
    return {
        "what": what, "http": "POST /${api}/graphql", "headers": {"x-api-key": "${key}"}, "body": json.dumps({"query": query}),
        "status": status, "gives": gives, **more,
    }


APIS = [
    {"what": "an API is made", "call": "CreateGraphqlApi",
     "with": {"name": "echoes", "authenticationType": "API_KEY", "tags": {"team": "a"}},
     "gives": {"graphqlApi.apiId": re.compile("[a-z2-7]{26}"), "graphqlApi.uris.GRAPHQL": re.compile("http://.*/graphql"),
               "graphqlApi.uris.REALTIME": re.compile("ws://.*/graphql/realtime"), "graphqlApi.visibility": "GLOBAL",
               "graphqlApi.apiType": "GRAPHQL", "graphqlApi.introspectionConfig": "ENABLED"},
     "keep": {"api": "graphqlApi.apiId"}},
    {"what": "it is described", "call": "GetGraphqlApi", "with": API,
     "gives": {"graphqlApi.arn": f"{ARN}:apis/${{api}}", "graphqlApi.owner": "123456789012"}},
    {"what": "it is listed", "call": "ListGraphqlApis", "gives": {"graphqlApis.*.name": ["echoes"]}},
    {"what": "what is not there is not found", "call": "GetGraphqlApi", "with": {"apiId": "none"},
     "refused": ("NotFoundException", "GraphQL API none not found.")},
    {"what": "a mode needs what it is configured with", "call": "UpdateGraphqlApi",
     "with": {**API, "name": "echoes", "authenticationType": "AWS_LAMBDA"},
     "refused": ("BadRequestException", "AWS_LAMBDA needs lambdaAuthorizerConfig")},
    {"what": "several modes", "call": "UpdateGraphqlApi",
     "with": {**API, "name": "echoes", "authenticationType": "API_KEY",
              "additionalAuthenticationProviders": [{"authenticationType": "AWS_IAM"}]},
     "gives": {"graphqlApi.additionalAuthenticationProviders.*.authenticationType": ["AWS_IAM"]}},
    {"what": "X-Ray is refused", "call": "CreateGraphqlApi",
     "with": {"name": "b", "authenticationType": "API_KEY", "xrayEnabled": True},
     "refused": ("BadRequestException", "xrayEnabled is not supported by this server: …")},
    {"what": "a mode must be one", "call": "said:CreateGraphqlApi", "with": {"name": "b", "authenticationType": "NONE"},
     "gives": {"ResponseMetadata.HTTPStatusCode": 400, "Error.Code": "BadRequestException"}},
    {"what": "a key is made", "call": "CreateApiKey", "with": {**API, "description": "mine"},
     "gives": {"apiKey.id": re.compile("da2-[a-z2-7]{26}"), "apiKey.expires": int, "apiKey.deletes": int},
     "keep": {"key": "apiKey.id"}},
    {"what": "its time has bounds", "call": "UpdateApiKey", "with": {**API, "id": "${key}", "expires": 1},
     "refused": ("ApiKeyValidityOutOfBoundsException", "API key must be valid for a minimum of 1 days.")},
    {"what": "it is changed", "call": "UpdateApiKey", "with": {**API, "id": "${key}", "description": "ours"},
     "gives": {"apiKey.description": "ours"}},
    {"what": "another key", "call": "CreateApiKey", "with": API, "keep": {"other": "apiKey.id"}},
    {"what": "keys in pages", "call": "ListApiKeys", "with": {**API, "maxResults": 1}, "gives": {"nextToken": TEXT},
     "keep": {"token": "nextToken"}},
    {"what": "the next page", "call": "ListApiKeys", "with": {**API, "nextToken": "${token}"},
     "gives": {"apiKeys.1": None, "apiKeys.0.id": TEXT, "nextToken": None}},
    {"what": "a key goes", "call": "DeleteApiKey", "with": {**API, "id": "${other}"}},
    {"what": "and is gone", "call": "DeleteApiKey", "with": {**API, "id": "${other}"},
     "refused": ("NotFoundException", "API key ${other} not found.")},
    {"what": "environment variables are put", "call": "PutGraphqlApiEnvironmentVariables",
     "with": {**API, "environmentVariables": {"TABLE": "echoes"}}, "gives": {"environmentVariables": {"TABLE": "echoes"}}},
    {"what": "their names have rules", "call": "PutGraphqlApiEnvironmentVariables",
     "with": {**API, "environmentVariables": {"1A": "x"}}, "refused": ("BadRequestException", "Invalid environment variable name 1A: …")},
    {"what": "they are shown", "call": "GetGraphqlApiEnvironmentVariables", "with": API,
     "gives": {"environmentVariables": {"TABLE": "echoes"}}},
    {"what": "tags are added", "call": "TagResource", "with": {"resourceArn": f"{ARN}:apis/${{api}}", "tags": {"stage": "b"}}},
    {"what": "a tag is removed", "call": "UntagResource", "with": {"resourceArn": f"{ARN}:apis/${{api}}", "tagKeys": ["team"]}},
    {"what": "tags are listed", "call": "ListTagsForResource", "with": {"resourceArn": f"{ARN}:apis/${{api}}"},
     "gives": {"tags": {"stage": "b"}}},
]

SCHEMAS = [
    {"what": "there is no schema yet", "call": "GetSchemaCreationStatus", "with": API, "gives": {"status": "NOT_APPLICABLE"}},
    {"what": "nor is one shown", "call": "GetIntrospectionSchema", "with": {**API, "format": "SDL"},
     "refused": ("GraphQLSchemaException", "No schema definition exists.")},
    {"what": "a schema that is none", "call": "StartSchemaCreation", "with": {**API, "definition": b"type Query {"},
     "gives": {"status": "PROCESSING"}},
    {"what": "fails", "call": "GetSchemaCreationStatus", "with": API,
     "gives": {"status": "FAILED", "details": re.compile("Failed to parse schema document.*")}},
    {"what": "a schema with mistakes", "call": "StartSchemaCreation",
     "with": {**API, "definition": b"type Query { a: Nope } scalar Mine"}},
    {"what": "has them told", "call": "GetSchemaCreationStatus", "with": API,
     "gives": {"status": "FAILED", "details": re.compile(r"Found 2 problem\(s\) with the schema:\n.*\n.*")}},
    {"what": "a schema", "call": "StartSchemaCreation", "with": {**API, "definition": SCHEMA.encode()}},
    {"what": "is there", "call": "GetSchemaCreationStatus", "with": API, "gives": {"status": "SUCCESS"}},
    {"what": "as SDL", "call": "said:GetIntrospectionSchema", "with": {**API, "format": "SDL"},
     "gives": {"schema": re.compile(r'schema \{[\s\S]*@aws_subscribe\(mutations: \["say"\]\)[\s\S]*')}},
    {"what": "without directives", "call": "said:GetIntrospectionSchema",
     "with": {**API, "format": "SDL", "includeDirectives": False}, "gives": {"schema": re.compile("[^@]*")}},
    {"what": "as JSON", "call": "said:GetIntrospectionSchema", "with": {**API, "format": "JSON"},
     "gives": {"schema.json.data.__schema.queryType.name": "Query"}},
    {"what": "a type is added", "call": "CreateType", "with": {**API, "definition": "enum Color { RED }", "format": "SDL"},
     "gives": {"type.name": "Color", "type.arn": f"{ARN}:apis/${{api}}/types/Color"}},
    {"what": "a type is changed", "call": "UpdateType", "with": {**COLOR, "definition": "enum Color { RED GREEN }"},
     "gives": {"type.definition": "enum Color {\n  RED\n  GREEN\n}"}},
    {"what": "a type as JSON", "call": "GetType", "with": {**COLOR, "format": "JSON"},
     "gives": {"type.definition.json.enumValues.*.name": ["RED", "GREEN"]}},
    {"what": "types are listed", "call": "ListTypes", "with": {**API, "format": "SDL"},
     "gives": {"types.*.name": ["Query", "Mutation", "Subscription", "Echo", "Color"]}},
    {"what": "a type that is needed stays", "call": "DeleteType", "with": {**API, "typeName": "Echo"},
     "refused": ("BadRequestException", "Found …")},
    {"what": "a type goes", "call": "DeleteType", "with": {**API, "typeName": "Color"}},
    {"what": "and is gone", "call": "GetType", "with": COLOR, "refused": ("NotFoundException", "Type Color not found")},
]

RESOLVERS = [
    {"what": "a data source is made", "call": "CreateDataSource", "with": {**API, "name": "nothing", "type": "NONE"},
     "gives": {"dataSource.dataSourceArn": f"{ARN}:apis/${{api}}/datasources/nothing"}},
    {"what": "names have rules", "call": "CreateDataSource", "with": {**API, "name": "a-b", "type": "NONE"},
     "refused": ("BadRequestException", "Invalid data source name given, must match pattern [_A-Za-z][_0-9A-Za-z]*")},
    {"what": "a function is asked by its ARN", "call": "CreateDataSource",
     "with": {**API, "name": "hello", "type": "AWS_LAMBDA", "lambdaConfig": {"lambdaFunctionArn": "hello"}},
     "refused": ("BadRequestException", "lambdaConfig.lambdaFunctionArn must be an ARN of lambda: hello is none")},
    {"what": "a data source of a function", "call": "CreateDataSource",
     "with": {**API, "name": "hello", "type": "AWS_LAMBDA", "serviceRoleArn": ROLE,
              "lambdaConfig": {"lambdaFunctionArn": FUNCTION}}},
    {"what": "it is changed", "call": "UpdateDataSource",
     "with": {**API, "name": "hello", "type": "AWS_LAMBDA", "description": "d", "lambdaConfig": {"lambdaFunctionArn": FUNCTION}},
     "gives": {"dataSource.description": "d", "dataSource.serviceRoleArn": None}},
    {"what": "it is described", "call": "GetDataSource", "with": {**API, "name": "hello"}, "gives": {"dataSource.type": "AWS_LAMBDA"}},
    {"what": "data sources are listed", "call": "ListDataSources", "with": API,
     "gives": {"dataSources.*.name": ["hello", "nothing"]}},
    {"what": "a field must be there", "call": "CreateResolver",
     "with": {**ECHO_AT, "fieldName": "nope", "dataSourceName": "nothing", "code": ECHO, "runtime": RUNTIME},
     "refused": ("NotFoundException", "No field named nope found on type Query")},
    {"what": "code must be APPSYNC_JS", "call": "said:CreateResolver",
     "with": {**ECHO_AT, "dataSourceName": "nothing", "code": LOOP, "runtime": RUNTIME},
     "gives": {"Error.Code": "BadRequestException", "Error.Message": "The code contains one or more errors.", "reason": "CODE_ERROR",
               "detail.codeErrors.0.errorType": "LINT_ERROR", "detail.codeErrors.0.location.line": 2}},
    {"what": "a template must be VTL", "call": "CreateResolver",
     "with": {**ECHO_AT, "dataSourceName": "nothing", "requestMappingTemplate": "#if($a"},
     "refused": ("BadRequestException", "requestMappingTemplate is no mapping template: …")},
    {"what": "a resolver is made", "call": "CreateResolver",
     "with": {**ECHO_AT, "dataSourceName": "nothing", "code": ECHO, "runtime": RUNTIME},
     "gives": {"resolver.resolverArn": f"{ARN}:apis/${{api}}/types/Query/resolvers/echo", "resolver.kind": "UNIT"}},
    {"what": "a field has one", "call": "CreateResolver",
     "with": {**ECHO_AT, "dataSourceName": "nothing", "code": ECHO, "runtime": RUNTIME},
     "refused": ("BadRequestException", "Only one resolver is allowed per field.")},
    ask("it answers", '{ echo(id: 1, text: "hello") { id text } }', {"data.echo": {"id": "1", "text": "hello"}}),
    {"what": "a function of pipelines is made", "call": "CreateFunction",
     "with": {**API, "name": "say", "dataSourceName": "nothing", "code": SAY, "runtime": RUNTIME},
     "gives": {"functionConfiguration.functionArn": TEXT}, "keep": {"function": "functionConfiguration.functionId"}},
    {"what": "it is described", "call": "GetFunction", "with": FUNCTION_AT, "gives": {"functionConfiguration.name": "say"}},
    {"what": "a pipeline has functions that are there", "call": "CreateResolver",
     "with": {**SAY_AT, "kind": "PIPELINE", "pipelineConfig": {"functions": ["none"]}, "code": AROUND, "runtime": RUNTIME},
     "refused": ("NotFoundException", "No function found with id none")},
    {"what": "a pipeline", "call": "CreateResolver",
     "with": {**SAY_AT, "kind": "PIPELINE", "pipelineConfig": {"functions": ["${function}"]}, "code": AROUND, "runtime": RUNTIME}},
    ask("it answers, too", 'mutation { say(text: "a") { id text } }', {"data.say": {"id": "x", "text": "a"}}),
    {"what": "who uses the function", "call": "ListResolversByFunction", "with": FUNCTION_AT,
     "gives": {"resolvers.*.fieldName": ["say"]}},
    {"what": "it stays while it is used", "call": "DeleteFunction", "with": FUNCTION_AT,
     "refused": ("BadRequestException", "Cannot delete a function which is currently used by a resolver…")},
    {"what": "so does a data source", "call": "DeleteDataSource", "with": {**API, "name": "nothing"},
     "refused": ("BadRequestException", "Data source nothing is still in use by …")},
    {"what": "a resolver is changed", "call": "UpdateResolver",
     "with": {**ECHO_AT, "dataSourceName": "nothing", "requestMappingTemplate": '{"version": "2018-05-29",\n"payload": {"id": "vtl"}}',
              "responseMappingTemplate": "$util.toJson($ctx.result)"},
     "gives": {"resolver.code": None}},
    ask("what was changed answers", "{ echo(id: 1) { id } }", {"data.echo": {"id": "vtl"}}),
    {"what": "a resolver of the environment", "call": "CreateResolver",
     "with": {**API, "typeName": "Query", "fieldName": "env", "dataSourceName": "nothing", "code": ENV, "runtime": RUNTIME}},
    ask("the environment is seen", "{ env }", {"data.env": "echoes null"}),
    {"what": "a resolver without handlers asks a function", "call": "CreateResolver", "with": {**LIST_AT, "dataSourceName": "hello"}},
    {"what": "a data source of another type has none to ask", "call": "UpdateDataSource",
     "with": {**API, "name": "hello", "type": "NONE"},
     "refused": ("BadRequestException", "Data source is still connected to a resolver that uses mapping template bypass.")},
    {"what": "it is described", "call": "GetResolver", "with": LIST_AT, "gives": {"resolver.dataSourceName": "hello"}},
    {"what": "resolvers are listed", "call": "ListResolvers", "with": {**API, "typeName": "Query"},
     "gives": {"resolvers.*.fieldName": ["echo", "echoes", "env"]}},
    {"what": "a resolver goes", "call": "DeleteResolver", "with": LIST_AT},
    {"what": "and is gone", "call": "GetResolver", "with": LIST_AT, "refused": ("NotFoundException", "No resolver found.")},
    {"what": "its data source goes", "call": "DeleteDataSource", "with": {**API, "name": "hello"}},
    {"what": "a function is changed", "call": "UpdateFunction",
     "with": {**FUNCTION_AT, "name": "says", "dataSourceName": "nothing", "code": SAY, "runtime": RUNTIME},
     "gives": {"functionConfiguration.name": "says"}},
    {"what": "functions are listed", "call": "ListFunctions", "with": API, "gives": {"functions.*.name": ["says"]}},
]

EVALUATED = [
    {"what": "code is evaluated", "call": "EvaluateCode",
     "with": {"runtime": RUNTIME, "code": ECHO, "context": '{"arguments": {"id": 1}}', "function": "request"},
     "gives": {"evaluationResult.json": {"payload": {"id": 1}}, "stash": "{}", "outErrors": "[]"}},
    {"what": "its error, its log and its stash are told", "call": "EvaluateCode",
     "with": {"runtime": RUNTIME, "code": RAISES, "context": '{"arguments": {"id": 1}}', "function": "request"},
     "gives": {"error.message": "no", "logs": ["INFO: hello 1"]}},
    {"what": "what is no code", "call": "EvaluateCode",
     "with": {"runtime": RUNTIME, "code": LOOP, "context": "{}", "function": "request"},
     "gives": {"error.message": "The code contains one or more errors.", "error.codeErrors.0.location.line": 2}},
    {"what": "what is no context", "call": "EvaluateCode", "with": {"runtime": RUNTIME, "code": ECHO, "context": "no"},
     "refused": ("BadRequestException", "The context is no JSON: …")},
    {"what": "a template is evaluated", "call": "EvaluateMappingTemplate",
     "with": {"template": '#set($a = $ctx.args.id + 1)\n{"id": $a}', "context": '{"arguments": {"id": 1}}'},
     "gives": {"evaluationResult": '{"id": 2}'}},
    {"what": "its error is told", "call": "EvaluateMappingTemplate", "with": {"template": '$util.error("no")', "context": "{}"},
     "gives": {"error.message": "no"}},
]

AROUND_IT = [
    {"what": "a cache is made", "call": "CreateApiCache", "with": CACHE, "gives": {"apiCache.status": "AVAILABLE"}},
    {"what": "it keeps nothing longer than an hour", "call": "UpdateApiCache", "with": {**CACHE, "ttl": 3601},
     "refused": ("BadRequestException", "ttl must be between 1 and 3600 seconds")},
    {"what": "it is changed", "call": "UpdateApiCache", "with": {**CACHE, "ttl": 70}, "gives": {"apiCache.ttl": 70}},
    {"what": "it is shown", "call": "GetApiCache", "with": API, "gives": {"apiCache.type": "SMALL"}},
    {"what": "it is emptied", "call": "FlushApiCache", "with": API},
    {"what": "it goes", "call": "DeleteApiCache", "with": API},
    {"what": "and is gone", "call": "FlushApiCache", "with": API, "refused": ("NotFoundException", "The API has no cache")},
    {"what": "a domain name is made", "call": "CreateDomainName", "with": {**DOMAIN, "certificateArn": CERTIFICATE},
     "gives": {"domainNameConfig.appsyncDomainName": TEXT}},
    {"what": "it is associated", "call": "AssociateApi", "with": {**DOMAIN, **API},
     "gives": {"apiAssociation.associationStatus": "SUCCESS"}},
    {"what": "the association is shown", "call": "GetApiAssociation", "with": DOMAIN, "gives": {"apiAssociation.apiId": "${api}"}},
    {"what": "it leads to the API", "http": "POST /graphql", "headers": {"Host": "api.example.com", "x-api-key": "${key}"},
     "body": '{"query": "{ env }"}', "status": 200, "gives": {"data.env": "echoes api.example.com"}},
    {"what": "it is described", "call": "UpdateDomainName", "with": {**DOMAIN, "description": "ours"},
     "gives": {"domainNameConfig.description": "ours"}},
    {"what": "an API with a name stays", "call": "DeleteGraphqlApi", "with": API,
     "refused": ("BadRequestException", "The API is associated with the domain name api.example.com: …")},
    {"what": "a name with an API stays", "call": "DeleteDomainName", "with": DOMAIN,
     "refused": ("BadRequestException", "The domain name is associated with API …")},
    {"what": "they are parted", "call": "DisassociateApi", "with": DOMAIN},
    {"what": "domain names are listed", "call": "ListDomainNames", "gives": {"domainNameConfigs.*.domainName": ["api.example.com"]}},
    {"what": "it is shown", "call": "GetDomainName", "with": DOMAIN, "gives": {"domainNameConfig.certificateArn": CERTIFICATE}},
    {"what": "it goes", "call": "DeleteDomainName", "with": DOMAIN},
    {"what": "a merged API is made", "call": "CreateGraphqlApi",
     "with": {"name": "all", "authenticationType": "API_KEY", "apiType": "MERGED"}, "keep": {"merged": "graphqlApi.apiId"}},
    {"what": "it has a key", "call": "CreateApiKey", "with": MERGED, "keep": {"mergedKey": "apiKey.id"}},
    {"what": "it has its resolvers of others", "call": "CreateDataSource", "with": {**MERGED, "name": "n", "type": "NONE"},
     "refused": ("BadRequestException", "API ${merged} is a merged API, …")},
    {"what": "a source is associated", "call": "AssociateSourceGraphqlApi",
     "with": {"mergedApiIdentifier": "${merged}", "sourceApiIdentifier": "${api}",
              "sourceApiAssociationConfig": {"mergeType": "AUTO_MERGE"}},
     "gives": {"sourceApiAssociation.sourceApiAssociationStatus": "MERGE_SUCCESS",
               "sourceApiAssociation.lastSuccessfulMergeDate": TIME},
     "keep": {"association": "sourceApiAssociation.associationId"}},
    {"what": "it is there once", "call": "AssociateMergedGraphqlApi",
     "with": {"mergedApiIdentifier": "${merged}", "sourceApiIdentifier": "${api}"},
     "refused": ("BadRequestException", "API ${api} is a source of ${merged} already")},
    {"what": "the merged API answers", "http": "POST /${merged}/graphql", "headers": {"x-api-key": "${mergedKey}"},
     "body": '{"query": "{ echo(id: 1) { id } }"}', "status": 200, "gives": {"data.echo.id": "vtl"}},
    {"what": "associations are listed", "call": "ListSourceApiAssociations", "with": MERGED,
     "gives": {"sourceApiAssociationSummaries.*.sourceApiId": ["${api}"]}},
    {"what": "one is shown", "call": "GetSourceApiAssociation", "with": ASSOCIATION,
     "gives": {"sourceApiAssociation.sourceApiAssociationConfig.mergeType": "AUTO_MERGE"}},
    {"what": "one is changed", "call": "UpdateSourceApiAssociation", "with": {**ASSOCIATION, "description": "ours"},
     "gives": {"sourceApiAssociation.description": "ours"}},
    {"what": "it is merged again", "call": "StartSchemaMerge", "with": ASSOCIATION,
     "gives": {"sourceApiAssociationStatus": "MERGE_IN_PROGRESS"}},
    {"what": "its types are listed", "call": "ListTypesByAssociation", "with": {**ASSOCIATION, "format": "SDL"},
     "gives": {"types.0.name": "Query"}},
    {"what": "a source stays", "call": "DeleteGraphqlApi", "with": API,
     "refused": ("BadRequestException", "The API is a source of the merged API ${merged}: disassociate it first")},
    {"what": "they are parted", "call": "DisassociateSourceGraphqlApi", "with": ASSOCIATION},
    {"what": "and have nothing of each other", "call": "GetSourceApiAssociation", "with": ASSOCIATION,
     "refused": ("NotFoundException", "Source API association ${association} not found.")},
    {"what": "the merged API goes", "call": "DeleteGraphqlApi", "with": MERGED},
    {"what": "databases are not looked into", "call": "StartDataSourceIntrospection",
     "refused": ("BadRequestException", "StartDataSourceIntrospection is not supported by this server: …")},
]

EVENT_APIS = [
    {"what": "an API of events is made", "call": "CreateApi", "with": {"name": "chat", "eventConfig": EVENTS},
     "gives": {"api.apiArn": TEXT, "api.created": TIME, "api.dns.HTTP": TEXT, "api.dns.REALTIME": TEXT},
     "keep": {"chat": "api.apiId"}},
    {"what": "its modes must be its own", "call": "UpdateApi",
     "with": {**CHAT, "name": "chat", "eventConfig": {**EVENTS, "connectionAuthModes": [{"authType": "AWS_IAM"}]}},
     "refused": ("BadRequestException", "connectionAuthModes names AWS_IAM, which is none of the API's authProviders")},
    {"what": "it is changed", "call": "UpdateApi", "with": {**CHAT, "name": "talk", "eventConfig": EVENTS}, "gives": {"api.name": "talk"}},
    {"what": "it is described", "call": "GetApi", "with": CHAT, "gives": {"api.eventConfig.connectionAuthModes": MODES}},
    {"what": "APIs are listed", "call": "ListApis", "gives": {"apis.*.name": ["talk"]}},
    {"what": "it has keys", "call": "CreateApiKey", "with": CHAT, "gives": {"apiKey.id": TEXT}},
    {"what": "a namespace is made", "call": "CreateChannelNamespace", "with": ROOMS,
     "gives": {"channelNamespace.channelNamespaceArn": f"{ARN}:apis/${{chat}}/channelNamespace/rooms", "channelNamespace.created": TIME}},
    {"what": "there is one of its name", "call": "CreateChannelNamespace", "with": ROOMS,
     "refused": ("ConflictException", "Channel namespace rooms already exists")},
    {"what": "its name has rules", "call": "said:CreateChannelNamespace", "with": {**CHAT, "name": "a b"},
     "gives": {"Error.Code": "BadRequestException"}},
    {"what": "it is changed", "call": "UpdateChannelNamespace", "with": {**ROOMS, "publishAuthModes": MODES},
     "gives": {"channelNamespace.publishAuthModes": MODES}},
    {"what": "it is described", "call": "GetChannelNamespace", "with": ROOMS, "gives": {"channelNamespace.lastModified": TIME}},
    {"what": "namespaces are listed", "call": "ListChannelNamespaces", "with": CHAT, "gives": {"channelNamespaces.*.name": ["rooms"]}},
    {"what": "it goes", "call": "DeleteChannelNamespace", "with": ROOMS},
    {"what": "the API goes", "call": "DeleteApi", "with": CHAT},
    {"what": "and is gone", "call": "GetApi", "with": CHAT, "refused": ("NotFoundException", "API ${chat} not found.")},
]

END = [
    {"what": "an API goes with all that it has", "call": "DeleteGraphqlApi", "with": API},
    {"what": "and is gone", "call": "ListDataSources", "with": API, "refused": ("NotFoundException", "GraphQL API ${api} not found.")},
    {"what": "nothing is left", "call": "ListGraphqlApis", "gives": {"graphqlApis": []}},
]

STEPS = APIS + SCHEMAS + RESOLVERS + EVALUATED + AROUND_IT + EVENT_APIS + END
