// Apollo Client with AppSync's own links by all modes of one API: node modes_apollo.mjs modes.json

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Inbox, check, count, until } from './checks.mjs';

// As CommonJS: their files for modules of the language cannot sign, because Node does not find Sha256 in what they import.
const require = createRequire(import.meta.url);
const { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } = require('@apollo/client');
const { AUTH_TYPE, createAuthLink } = require('aws-appsync-auth-link');
const { createSubscriptionHandshakeLink } = require('aws-appsync-subscription-link');

const told = JSON.parse(readFileSync(process.argv[2], 'utf8'));

function connected(auth) {
    const options = { url: told.url, region: told.region, auth };
    // What Apollo tells of itself in the body is nothing that the link has signed.
    const http = new HttpLink({ uri: told.url, enhancedClientAwareness: { transport: false } });
    const link = ApolloLink.from([createAuthLink(options), createSubscriptionHandshakeLink(options, http)]);
    return new ApolloClient({ link, cache: new InMemoryCache() });
}

const credentials = { accessKeyId: told.accessKeyId, secretAccessKey: told.secretAccessKey };
const MODES = [
    [{ type: AUTH_TYPE.API_KEY, apiKey: told.apiKey }, 'API Key Authorization'],
    [{ type: AUTH_TYPE.AWS_IAM, credentials }, 'IAM Authorization'],
    [{ type: AUTH_TYPE.OPENID_CONNECT, jwtToken: () => told.oidc }, 'Open ID Connect Authorization'],
    [{ type: AUTH_TYPE.AMAZON_COGNITO_USER_POOLS, jwtToken: async () => told.userPool }, 'User Pool Authorization'],
    [{ type: AUTH_TYPE.AWS_LAMBDA, token: told.lambda }, 'Lambda Authorization'],
];

for (const [auth, mode] of MODES) {
    const client = connected(auth);

    await check(`${auth.type}: a query`, async () => {
        const { data } = await client.query({ query: gql`{ who note { text by } }` });
        assert.equal(JSON.parse(data.who).mode, mode);
        assert.equal(data.note.text, 'hello');
    });

    await check(`${auth.type}: a subscription and a mutation`, async () => {
        const inbox = new Inbox();
        const room = `apollo-${auth.type}`;
        const query = gql`subscription S($room: ID) { said(room: $room) { room text } }`;
        const subscription = client.subscribe({ query, variables: { room } }).subscribe({
            next: (message) => inbox.put(message),
            error: (error) => inbox.put({ error }),
        });
        const mutation = gql`mutation M($room: ID!) { say(room: $room, text: "hello") { room text } }`;
        await until(() => !inbox.isEmpty, () => client.mutate({ mutation, variables: { room } }));
        const message = await inbox.next('what was said');
        assert.equal(message.error, undefined, String(message.error));
        assert.equal(message.data.said.room, room);
        subscription.unsubscribe();
    });
}

await check('a token of somebody else lets nobody in', async () => {
    const client = connected({ type: AUTH_TYPE.OPENID_CONNECT, jwtToken: told.foreign });
    await assert.rejects(client.query({ query: gql`{ who }` }), /401/);
});

console.log(`Apollo: ${count()} checks`);
process.exit(0);
