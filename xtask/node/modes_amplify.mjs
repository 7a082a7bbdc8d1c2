// aws-amplify by all modes of one API: node modes_amplify.mjs modes.json

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Inbox, check, count, until } from './checks.mjs';

const { Amplify } = await import('aws-amplify');
const { decodeJWT } = await import('aws-amplify/auth');
const { generateClient } = await import('aws-amplify/api');

const told = JSON.parse(readFileSync(process.argv[2], 'utf8'));
// No pool signs anybody in: tokens and keys come from whoever else has them.
let accessToken = told.oidc;
Amplify.configure(
    { API: { GraphQL: { endpoint: told.url, region: told.region, defaultAuthMode: 'apiKey', apiKey: told.apiKey } } },
    {
        Auth: {
            tokenProvider: { getTokens: async () => ({ accessToken: decodeJWT(accessToken) }) },
            credentialsProvider: {
                getCredentialsAndIdentityId: async () => ({
                    credentials: { accessKeyId: told.accessKeyId, secretAccessKey: told.secretAccessKey },
                }),
                clearCredentialsAndIdentityId: () => {},
            },
        },
    },
);
const client = generateClient();

const MODES = {
    apiKey: ['API Key Authorization', null],
    iam: ['IAM Authorization', ({ username }) => assert.equal(username, told.accessKeyId)],
    oidc: ['Open ID Connect Authorization', ({ sub }) => assert.equal(sub, 'ada')],
    userPool: ['User Pool Authorization', ({ username }) => assert.equal(username, 'grace')],
    lambda: ['Lambda Authorization', ({ resolverContext }) => assert.equal(resolverContext.name, 'plain')],
};

function by(authMode) {
    accessToken = authMode === 'userPool' ? told.userPool : told.oidc;
    return authMode === 'lambda' ? { authMode, authToken: told.lambda } : { authMode };
}

for (const [authMode, [mode, isIt]] of Object.entries(MODES)) {
    await check(`${authMode}: a query`, async () => {
        const { data } = await client.graphql({ query: '{ who }', ...by(authMode) });
        const who = JSON.parse(data.who);
        assert.equal(who.mode, mode);
        isIt ? isIt(who.identity) : assert.equal(who.identity, null);
    });

    await check(`${authMode}: what is denied is told`, async () => {
        const query = authMode === 'apiKey' ? '{ forTokens }' : '{ unmarked { text } }';
        const refused = await client.graphql({ query, ...by(authMode) }).then(assert.fail, (error) => error);
        assert.equal(refused.errors[0].errorType, 'Unauthorized');
        assert.match(refused.errors[0].message, /^Not Authorized to access (forTokens|text) on type/);
    });

    await check(`${authMode}: a subscription and a mutation`, async () => {
        const inbox = new Inbox();
        const room = `amplify-${authMode}`;
        const query = 'subscription S($room: ID) { said(room: $room) { room text } }';
        const subscription = client.graphql({ query, variables: { room }, ...by(authMode) }).subscribe({
            next: ({ data }) => inbox.put(data.said),
            error: (error) => inbox.put({ error: JSON.stringify(error) }),
        });
        const say = 'mutation M($room: ID!) { say(room: $room, text: "hello") { room text } }';
        await until(
            () => !inbox.isEmpty,
            () => client.graphql({ query: say, variables: { room }, ...by(authMode) }),
        );
        assert.deepEqual(await inbox.next('what was said'), { room, text: 'hello' });
        subscription.unsubscribe();
    });
}

await check('a token of somebody else lets nobody in', async () => {
    accessToken = told.foreign;
    const refused = await client.graphql({ query: '{ who }', authMode: 'oidc' }).then(assert.fail, (error) => error);
    assert.match(JSON.stringify(refused), /401|Unauthorized/);
});

console.log(`aws-amplify: ${count()} checks`);
process.exit(0);
