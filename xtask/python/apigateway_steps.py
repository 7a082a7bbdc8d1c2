"""API Gateway, as data: what is called and what must come of it. (The words are explained in scenario_steps.py.)

A step `http` sends a request to an API itself: method, path, and perhaps `headers` and `body`.
"""

import json

from scenario_steps import ROLE, TEXT, TIME

STATES = "arn:aws:states:us-east-1:123456789012"
GATEWAY = "arn:aws:apigateway:us-east-1"
NAMES = {"machine": f"{STATES}:stateMachine:dragons"}
SETTINGS = '[functions.hello]\nfolder = "functions"\nhandler = "hello.handler"\nruntime = "python3.12"\n'
SETTINGS += '[functions.guard]\nfolder = "functions"\nhandler = "guard.handler"\nruntime = "python3.12"\n'
FILES = {
    "functions/hello.py": (
        "import json\n\n\ndef handler(event, context):\n"
        "    said = {'method': event.get('httpMethod'), 'id': (event.get('pathParameters') or {}).get('id'),\n"
        "            'q': event.get('multiValueQueryStringParameters'), 'version': event.get('version')}\n"
        "    return {'statusCode': 201, 'headers': {'X-From': 'hello'}, 'body': json.dumps(said)}\n"
    ),
    "functions/guard.py": (
        "def handler(event, context):\n"
        "    effect = 'Allow' if event['authorizationToken'] == 'open' else 'Deny'\n"
        "    statement = {'Effect': effect, 'Action': 'execute-api:Invoke', 'Resource': event['methodArn']}\n"
        "    return {'principalId': 'ada', 'policyDocument': {'Version': '2012-10-17', 'Statement': [statement]},\n"
        "            'context': {'age': 36}}\n"
    ),
}

# The course's template, whose doubled quotes are Velocity's. (spec/vtl.md, 6.4)
TEMPLATE = """#set($data = $input.path('$'))

#set($input = " {
  ""dragon_name_str"" : ""$data.dragonName"",
  ""family_str"" : ""$data.family"",
  ""confirmationRequired"" : $data.confirmationRequired}")

{
    "input": "$util.escapeJavaScript($input).replaceAll("\\\\'", "'")",
    "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:dragons"
}
"""
MACHINE = json.dumps({"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}})
SCHEMA = json.dumps({
    "$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "required": ["dragonName"],
    "properties": {"dragonName": {"type": "string"}, "family": {"enum": ["red", "green"]}},
})
API = {"restApiId": "${api}"}
DRAGONS = {**API, "resourceId": "${dragons}", "httpMethod": "POST"}
ONE = {**API, "resourceId": "${one}", "httpMethod": "ANY"}
OPENAPI = json.dumps({
    "openapi": "3.0.1", "info": {"title": "imported", "version": "1"},
    "components": {"securitySchemes": {"guard": {
        "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {
            "type": "token",
            "authorizerUri": f"{GATEWAY}:lambda:path/2015-03-31/functions/{STATES.replace('states', 'lambda')}:function:guard/invocations",
        },
    }, "key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}},
    "paths": {
        "/guarded": {"get": {
            "security": [{"guard": []}], "responses": {"200": {"description": "ok"}},
            "x-amazon-apigateway-integration": {
                "type": "mock", "requestTemplates": {"application/json": '{"statusCode": 200}'},
                "responses": {"default": {"statusCode": "200", "responseTemplates": {
                    "application/json": '{"who": "$context.authorizer.principalId", "age": "$context.authorizer.age"}',
                }}},
            },
        }},
        "/keyed": {"get": {
            "security": [{"key": []}], "responses": {"200": {"description": "ok"}},
            "x-amazon-apigateway-integration": {
                "type": "mock", "requestTemplates": {"application/json": '{"statusCode": 200}'},
                "responses": {"default": {"statusCode": "200"}},
            },
        }},
    },
})

# Other services by REST APIs: SQS by a form, as most examples have it, and DynamoDB.
NEWS = json.dumps({
    "openapi": "3.0.1", "info": {"title": "news", "version": "1"},
    "paths": {
        "/news": {"post": {
            "responses": {"200": {"description": "ok"}},
            "x-amazon-apigateway-integration": {
                "type": "aws", "httpMethod": "POST", "uri": f"{GATEWAY}:sqs:path/123456789012/news", "credentials": ROLE,
                "requestParameters": {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
                "requestTemplates": {"application/json": "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"},
                "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": '{"sent": true}'}}},
            },
        }},
        "/short": {"post": {
            "responses": {"200": {"description": "ok"}},
            "x-amazon-apigateway-integration": {
                "type": "aws", "httpMethod": "POST", "uri": f"{GATEWAY}:sqs:action/SendMessage", "credentials": ROLE,
                "requestParameters": {
                    "integration.request.querystring.QueueUrl": "'http://localhost/123456789012/news'",
                    "integration.request.querystring.MessageBody": "method.request.body.text",
                },
                "requestTemplates": {"application/json": ""},
                "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": '{"sent": true}'}}},
            },
        }},
        "/items/{id}": {"put": {
            "responses": {"200": {"description": "ok"}},
            "x-amazon-apigateway-integration": {
                "type": "aws", "httpMethod": "POST", "uri": f"{GATEWAY}:dynamodb:action/PutItem", "credentials": ROLE,
                "requestTemplates": {"application/json": json.dumps({
                    "TableName": "Items", "Item": {"id": {"S": "$input.params('id')"}, "n": {"N": "$input.path('$.n')"}},
                })},
                "responses": {"default": {"statusCode": "200"}},
            },
        }},
    },
})

MADE = [
    {"what": "a state machine is there", "call": "stepfunctions:CreateStateMachine",
     "with": {"name": "dragons", "definition": MACHINE, "roleArn": ROLE}, "gives": {"stateMachineArn": "${machine}"}},
    {"what": "an API is made", "call": "CreateRestApi", "with": {"name": "dragons", "description": "of dragons"},
     "gives": {"name": "dragons", "apiKeySource": "HEADER", "createdDate": TIME, "endpointConfiguration.types": ["EDGE"]},
     "keep": {"api": "id", "root": "rootResourceId"}},
    {"what": "names have a length", "call": "CreateRestApi", "with": {"name": ""},
     "refused": ("BadRequestException", "API name must have 1 to 1024 characters")},
    {"what": "it is described", "call": "GetRestApi", "with": API, "gives": {"description": "of dragons"}},
    {"what": "it is listed", "call": "GetRestApis", "gives": {"items.*.name": ["dragons"]}},
    {"what": "what is not there is not found", "call": "GetRestApi", "with": {"restApiId": "none"},
     "refused": ("NotFoundException", "Invalid API identifier specified 123456789012:none")},
    {"what": "it is changed", "call": "UpdateRestApi",
     "with": {**API, "patchOperations": [{"op": "replace", "path": "/description", "value": "changed"}]},
     "gives": {"description": "changed"}},
    {"what": "a resource is made", "call": "CreateResource",
     "with": {**API, "parentId": "${root}", "pathPart": "dragons"}, "gives": {"path": "/dragons"}, "keep": {"dragons": "id"}},
    {"what": "its name is its own", "call": "CreateResource", "with": {**API, "parentId": "${root}", "pathPart": "dragons"},
     "refused": ("ConflictException", "Another resource with the same parent already has this name: dragons")},
    {"what": "a path part has rules", "call": "CreateResource", "with": {**API, "parentId": "${root}", "pathPart": "a b"},
     "refused": ("BadRequestException", "Resource's path part only allow…")},
    {"what": "a variable is made", "call": "CreateResource", "with": {**API, "parentId": "${dragons}", "pathPart": "{id}"},
     "gives": {"path": "/dragons/{id}"}, "keep": {"one": "id"}},
    {"what": "resources are listed", "call": "GetResources", "with": API,
     "gives": {"items.*.path": ["/", "/dragons", "/dragons/{id}"]}},
    {"what": "a model is made", "call": "CreateModel",
     "with": {**API, "name": "Dragon", "contentType": "application/json", "schema": SCHEMA}, "gives": {"name": "Dragon"}},
    {"what": "what is no schema is no model", "call": "CreateModel",
     "with": {**API, "name": "Bad", "contentType": "application/json", "schema": '{"type": "dragon"}'},
     "refused": ("BadRequestException", "Model schema is invalid. Validation Result: warnings : [], errors : [#/type must be…")},
    {"what": "models are listed", "call": "GetModels", "with": API, "gives": {"items.*.name": ["Empty", "Error", "Dragon"]}},
    {"what": "a validator is made", "call": "CreateRequestValidator",
     "with": {**API, "name": "all", "validateRequestBody": True, "validateRequestParameters": True}, "keep": {"validator": "id"}},
    {"what": "a method is put", "call": "PutMethod",
     "with": {**DRAGONS, "authorizationType": "NONE", "requestModels": {"application/json": "Dragon"},
              "requestValidatorId": "${validator}"},
     "gives": {"httpMethod": "POST", "apiKeyRequired": False}},
    {"what": "a user pool needs an authorizer", "call": "PutMethod",
     "with": {**API, "resourceId": "${dragons}", "httpMethod": "GET", "authorizationType": "COGNITO_USER_POOLS"},
     "refused": ("BadRequestException", "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid…")},
    {"what": "its responses are put", "call": "PutMethodResponse", "with": {**DRAGONS, "statusCode": "200"},
     "gives": {"statusCode": "200"}},
    {"what": "another one", "call": "PutMethodResponse", "with": {**DRAGONS, "statusCode": "400"}},
    {"what": "an action that is none is refused", "call": "PutIntegration",
     "with": {**DRAGONS, "type": "AWS", "integrationHttpMethod": "POST", "uri": f"{GATEWAY}:states:action/Fly", "credentials": ROLE},
     "refused": ("BadRequestException", "AWS service states has no action Fly")},
    {"what": "the integration starts executions", "call": "PutIntegration",
     "with": {**DRAGONS, "type": "AWS", "integrationHttpMethod": "POST", "uri": f"{GATEWAY}:states:action/StartExecution",
              "credentials": ROLE, "requestTemplates": {"application/json": TEMPLATE}, "passthroughBehavior": "NEVER"},
     "gives": {"timeoutInMillis": 29000, "passthroughBehavior": "NEVER"}},
    {"what": "its answer passes", "call": "PutIntegrationResponse", "with": {**DRAGONS, "statusCode": "200"}},
    {"what": "its refusals are mapped", "call": "PutIntegrationResponse",
     "with": {**DRAGONS, "statusCode": "400", "selectionPattern": "4\\d{2}",
              "responseTemplates": {"application/json": '{"why": $input.json("$.message")}'}}},
    {"what": "a test shows its log", "call": "TestInvokeMethod",
     "with": {**DRAGONS, "body": '{"dragonName": "Frank", "family": "red", "confirmationRequired": true}'},
     "gives": {"status": 200, "log": TEXT, "body.json.executionArn": TEXT}},
    {"what": "a method of a function", "call": "PutMethod",
     "with": {**ONE, "authorizationType": "NONE", "requestParameters": {"method.request.path.id": True}}},
    {"what": "its integration", "call": "PutIntegration",
     "with": {**ONE, "type": "AWS_PROXY", "integrationHttpMethod": "POST",
              "uri": f"{GATEWAY}:lambda:path/2015-03-31/functions/{STATES.replace('states', 'lambda')}:function:hello/invocations"}},
    {"what": "nothing is served yet", "http": "POST /restapis/${api}/prod/_user_request_/dragons", "status": 403,
     "gives": {"message": "Forbidden"}},
    {"what": "it is deployed", "call": "CreateDeployment", "with": {**API, "stageName": "prod", "variables": {"v": "1"}},
     "keep": {"deployment": "id"}},
    {"what": "the stage is there", "call": "GetStage", "with": {**API, "stageName": "prod"},
     "gives": {"deploymentId": "${deployment}", "variables": {"v": "1"}}},
]

ASKED = [
    {"what": "a dragon is reported", "http": "POST /restapis/${api}/prod/_user_request_/dragons", "status": 200,
     "body": '{"dragonName": "O\'Frank", "family": "red", "confirmationRequired": true}',
     "gives": {"executionArn": TEXT}, "keep": {"execution": "executionArn"}},
    {"what": "the workflow was given it", "call": "stepfunctions:DescribeExecution", "with": {"executionArn": "${execution}"},
     "gives": {"input.json.dragon_name_str": "O'Frank", "status": "SUCCEEDED"}, "until": True},
    {"what": "what is no dragon is not", "http": "POST /rest/dragons/prod/dragons", "status": 400, "body": '{"family": "blue"}',
     "gives": {"message": "Invalid request body"}},
    {"what": "another type has no template", "http": "POST /rest/dragons/prod/dragons", "status": 415,
     "headers": {"Content-Type": "text/plain"}, "body": "hello", "gives": {"message": "Unsupported Media Type"}},
    {"what": "a function answers", "http": "PUT /rest/dragons/prod/dragons/a%20b?x=1&x=2", "status": 201,
     "gives": {"method": "PUT", "id": "a b", "q": {"x": ["1", "2"]}}},
    {"what": "by host, too", "http": "GET /prod/dragons/1", "headers": {"Host": "${api}.execute-api.us-east-1.amazonaws.com"},
     "status": 201, "gives": {"method": "GET"}},
    {"what": "another method is none", "http": "GET /rest/dragons/prod/dragons", "status": 403,
     "gives": {"message": "Missing Authentication Token"}},
    {"what": "what was changed is served when it is deployed", "call": "DeleteMethod", "with": ONE},
    {"what": "until then not", "http": "PUT /rest/dragons/prod/dragons/1", "status": 201, "gives": {"method": "PUT"}},
    {"what": "it is deployed again", "call": "CreateDeployment", "with": {**API, "stageName": "prod"}},
    {"what": "and gone", "http": "PUT /rest/dragons/prod/dragons/1", "status": 403},
    {"what": "the old deployment goes", "call": "DeleteDeployment", "with": {**API, "deploymentId": "${deployment}"}},
    {"what": "a document comes out", "call": "GetExport",
     "with": {**API, "stageName": "prod", "exportType": "oas30", "parameters": {"extensions": "integrations"}},
     "gives": {"contentType": "application/json"}},
]

GUARDED = [
    {"what": "a document comes in", "call": "ImportRestApi", "with": {"body": OPENAPI.encode()}, "gives": {"name": "imported"},
     "keep": {"other": "id"}},
    {"what": "it is deployed", "call": "CreateDeployment", "with": {"restApiId": "${other}", "stageName": "prod"}},
    {"what": "nobody comes in without a token", "http": "GET /rest/imported/prod/guarded", "status": 401,
     "gives": {"message": "Unauthorized"}},
    {"what": "a function lets in", "http": "GET /rest/imported/prod/guarded", "headers": {"Authorization": "open"}, "status": 200,
     "gives": {"who": "ada", "age": "36"}},
    {"what": "or not", "http": "GET /rest/imported/prod/guarded", "headers": {"Authorization": "shut"}, "status": 403},
    {"what": "a key is made", "call": "CreateApiKey", "with": {"name": "k", "enabled": True, "value": "12345678901234567890"},
     "keep": {"key": "id"}},
    {"what": "and a plan", "call": "CreateUsagePlan",
     "with": {"name": "p", "apiStages": [{"apiId": "${other}", "stage": "prod"}], "quota": {"limit": 1, "period": "MONTH"}},
     "keep": {"plan": "id"}},
    {"what": "which has the key", "call": "CreateUsagePlanKey",
     "with": {"usagePlanId": "${plan}", "keyId": "${key}", "keyType": "API_KEY"}, "gives": {"name": "k"}},
    {"what": "without a key nobody comes in", "http": "GET /rest/imported/prod/keyed", "status": 403,
     "gives": {"message": "Forbidden"}},
    {"what": "with it once", "http": "GET /rest/imported/prod/keyed", "headers": {"x-api-key": "12345678901234567890"}, "status": 200},
    {"what": "and not twice", "http": "GET /rest/imported/prod/keyed", "headers": {"x-api-key": "12345678901234567890"},
     "status": 429, "gives": {"message": "Limit Exceeded"}},
]

HTTP = [
    {"what": "an HTTP API is made at once", "call": "apigatewayv2:CreateApi",
     "with": {"Name": "quick", "ProtocolType": "HTTP", "Target": f"{STATES.replace('states', 'lambda')}:function:hello",
              "CorsConfiguration": {"AllowOrigins": ["*"], "AllowMethods": ["GET"]}},
     "gives": {"ApiEndpoint": TEXT, "CreatedDate": TIME}, "keep": {"quick": "ApiId"}},
    {"what": "it answers", "http": "GET /rest/quick/anything", "status": 201, "gives": {"version": "2.0"}},
    {"what": "browsers may ask", "http": "OPTIONS /rest/quick/anything", "status": 204,
     "headers": {"Origin": "https://example.com", "Access-Control-Request-Method": "GET"}},
    {"what": "it starts executions", "call": "apigatewayv2:CreateIntegration",
     "with": {"ApiId": "${quick}", "IntegrationType": "AWS_PROXY", "IntegrationSubtype": "StepFunctions-StartExecution",
              "CredentialsArn": ROLE, "PayloadFormatVersion": "1.0",
              "RequestParameters": {"StateMachineArn": "${machine}", "Input": "$request.body"}},
     "keep": {"integration": "IntegrationId"}},
    {"what": "at a route", "call": "apigatewayv2:CreateRoute",
     "with": {"ApiId": "${quick}", "RouteKey": "POST /dragons", "Target": "integrations/${integration}"},
     "gives": {"AuthorizationType": "NONE"}},
    {"what": "it does so", "http": "POST /rest/quick/dragons", "status": 200, "body": '{"a": 1}',
     "gives": {"executionArn": TEXT}, "keep": {"execution": "executionArn"}},
    {"what": "with the body", "call": "stepfunctions:DescribeExecution", "with": {"executionArn": "${execution}"},
     "gives": {"input.json": {"a": 1}}},
    {"what": "it goes", "call": "apigatewayv2:DeleteApi", "with": {"ApiId": "${quick}"}},
    {"what": "and so does the other", "call": "DeleteRestApi", "with": API},
    {"what": "it is not there any more", "call": "GetRestApi", "with": API,
     "refused": ("NotFoundException", "Invalid API identifier specified…")},
]

OTHERS = [
    {"what": "a queue is there", "call": "sqs:CreateQueue", "with": {"QueueName": "news"}, "keep": {"queue": "QueueUrl"}},
    {"what": "and a table", "call": "dynamodb:CreateTable",
     "with": {"TableName": "Items", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
              "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}},
    {"what": "an API is before both", "call": "ImportRestApi", "with": {"body": NEWS.encode()}, "keep": {"news": "id"}},
    {"what": "it is deployed", "call": "CreateDeployment", "with": {"restApiId": "${news}", "stageName": "prod"}},
    {"what": "a message goes in", "http": "POST /rest/news/prod/news", "status": 200, "body": '{"a": "b c"}', "gives": {"sent": True}},
    {"what": "and comes out", "call": "sqs:ReceiveMessage", "with": {"QueueUrl": "${queue}", "WaitTimeSeconds": 5},
     "gives": {"Messages.0.Body.json": {"a": "b c"}}},
    {"what": "parameters alone make one", "http": "POST /rest/news/prod/short", "status": 200, "body": '{"text": "d & e"}',
     "gives": {"sent": True}},
    {"what": "it comes out, too", "call": "sqs:ReceiveMessage", "with": {"QueueUrl": "${queue}", "WaitTimeSeconds": 5},
     "gives": {"Messages.0.Body": "d & e"}},
    {"what": "an item goes in", "http": "PUT /rest/news/prod/items/x%20y", "status": 200, "body": '{"n": 5}'},
    {"what": "and is there", "call": "dynamodb:GetItem", "with": {"TableName": "Items", "Key": {"id": {"S": "x y"}}},
     "gives": {"Item": {"id": {"S": "x y"}, "n": {"N": "5"}}}},
]

STEPS = MADE + ASKED + GUARDED + OTHERS + HTTP
