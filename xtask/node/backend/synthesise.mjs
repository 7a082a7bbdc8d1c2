// A backend with models, relations and an index, as Amplify's construct for CDK makes it: node synthesise.mjs FOLDER

import * as cdk from 'aws-cdk-lib';
import { AmplifyGraphqlApi, AmplifyGraphqlDefinition } from '@aws-amplify/graphql-api-construct';

const app = new cdk.App({ outdir: process.argv[2] });
const stack = new cdk.Stack(app, 'Todos');
new AmplifyGraphqlApi(stack, 'Data', {
    apiName: 'todos',
    definition: AmplifyGraphqlDefinition.fromString(`
        type Todo @model @auth(rules: [{ allow: public }]) {
            id: ID!
            title: String! @index(queryField: "todosByTitle")
            done: Boolean
            notes: [Note] @hasMany
        }
        type Note @model @auth(rules: [{ allow: public }]) {
            id: ID!
            text: String
            todo: Todo @belongsTo
        }`),
    authorizationModes: { defaultAuthorizationMode: 'API_KEY', apiKeyConfig: { expires: cdk.Duration.days(30) } },
});
app.synth();
