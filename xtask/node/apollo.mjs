// Apollo Client with AppSync's own links against examples/posts: node apollo.mjs amplify_outputs.json

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Inbox, check, count, until } from './checks.mjs';

const { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } = await import('@apollo/client');
const { AUTH_TYPE, createAuthLink } = await import('aws-appsync-auth-link');
const { createSubscriptionHandshakeLink } = await import('aws-appsync-subscription-link');

const { data } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

function connected(apiKey) {
    const options = { url: data.url, region: data.aws_region, auth: { type: AUTH_TYPE.API_KEY, apiKey } };
    const http = new HttpLink({ uri: data.url });
    const link = ApolloLink.from([createAuthLink(options), createSubscriptionHandshakeLink(options, http)]);
    return new ApolloClient({ link, cache: new InMemoryCache() });
}

const client = connected(data.api_key);
const ADD = gql`
    mutation Add($author: String!, $title: String!) {
        addPost(author: $author, title: $title) { id author title status }
    }`;
const add = async (author, title) => {
    const { data } = await client.mutate({ mutation: ADD, variables: { author, title } });
    return data.addPost;
};
let post;

await check('a mutation', async () => {
    post = await add('ada', 'By Apollo');
    assert.equal(post.__typename, 'Post');
    assert.equal(post.status, 'DRAFT');
});

await check('a query, and the same from the cache', async () => {
    const query = gql`query Post($id: ID!) { post(id: $id) { id title author } }`;
    const { data: first } = await client.query({ query, variables: { id: post.id } });
    assert.equal(first.post.title, 'By Apollo');
    const { data: again } = await client.query({ query, variables: { id: post.id }, fetchPolicy: 'cache-only' });
    assert.equal(again.post.id, post.id);
});

await check('an error has its text', async () => {
    const mutation = gql`mutation { addComment(postId: "nobody", author: "a", body: "b") { id } }`;
    await assert.rejects(client.mutate({ mutation }), /There is no post nobody/);
});

await check('a wrong key lets nobody in', async () => {
    const query = gql`query { post(id: "x") { id } }`;
    await assert.rejects(connected('da2-wrongwrongwrong').query({ query }), /401/);
});

await check('subscriptions hear of what matches them', async () => {
    const query = gql`subscription On($author: String) { onPost(author: $author) { id author title } }`;
    const inbox = new Inbox();
    const subscription = client.subscribe({ query, variables: { author: 'joan' } }).subscribe({
        next: (message) => inbox.put(message),
        error: (error) => inbox.put({ error }),
    });
    await until(
        () => !inbox.isEmpty,
        async () => {
            await add('ada', 'not for this one');
            await add('joan', 'for this one');
        },
    );
    while (!inbox.isEmpty) {
        const message = await inbox.next('a post of joan');
        assert.equal(message.error, undefined, String(message.error));
        assert.equal(message.data.onPost.author, 'joan');
        assert.equal(message.data.onPost.__typename, 'Post');
    }
    subscription.unsubscribe();
});

await check('two subscriptions share a socket, and each hears its own', async () => {
    const query = gql`subscription On($id: ID) { onProgress(id: $id) { id stage } }`;
    const report = gql`mutation Report($id: ID!) { reportProgress(id: $id, stage: PUBLISHED) { id stage } }`;
    const inboxes = ['one', 'two'].map((id) => {
        const inbox = new Inbox();
        client.subscribe({ query, variables: { id } }).subscribe({ next: ({ data }) => inbox.put(data.onProgress.id) });
        return inbox;
    });
    await until(
        () => inboxes.every((inbox) => !inbox.isEmpty),
        () => Promise.all(['one', 'two'].map((id) => client.mutate({ mutation: report, variables: { id } }))),
    );
    assert.equal(await inboxes[0].next('one'), 'one');
    assert.equal(await inboxes[1].next('two'), 'two');
});

console.log(`Apollo: ${count()} checks`);
process.exit(0);
