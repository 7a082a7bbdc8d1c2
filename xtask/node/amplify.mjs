// aws-amplify against examples/posts: node amplify.mjs amplify_outputs.json [with-database]

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Inbox, check, count, until } from './checks.mjs';

const { Amplify } = await import('aws-amplify');
const { CONNECTION_STATE_CHANGE, generateClient } = await import('aws-amplify/api');
const { events } = await import('aws-amplify/data');
const { Hub } = await import('aws-amplify/utils');

const outputs = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const hasDatabase = process.argv[3] === 'with-database';
Amplify.configure(outputs);
const client = generateClient();

const ADD = /* GraphQL */ `
    mutation Add($author: String!, $title: String!, $content: String) {
        addPost(author: $author, title: $title, content: $content) { id author title content status at }
    }`;

async function ask(query, variables = {}) {
    const { data } = await client.graphql({ query, variables });
    return data;
}

async function refused(query, variables = {}, options = {}) {
    try {
        await client.graphql({ query, variables, ...options });
    } catch (error) {
        return error.errors ?? [error];
    }
    assert.fail('it was answered');
}

const variables = { author: 'ada', title: 'On engines', content: 'They weave patterns of their own' };
let post;

await check('a mutation in VTL puts an item', async () => {
    post = (await ask(ADD, variables)).addPost;
    assert.equal(post.status, 'DRAFT');
    assert.match(post.id, /^[0-9a-f-]{36}$/);
    assert.match(post.at, /^\d{4}-\d\d-\d\dT.*Z$/);
});

await check('a query in JavaScript gets it, a function in Python rates it, a server knows its writer', async () => {
    const query = 'query Post($id: ID!) { post(id: $id) { title status rating writer { name about } } }';
    const { post: found } = await ask(query, { id: post.id });
    assert.equal(found.title, 'On engines');
    assert.equal(found.rating, 1.6);
    assert.equal(found.writer.name, 'Ada Lovelace');
});

await check('who does not exist is null', async () => {
    const { post: nobody } = await ask('query { post(id: "nobody") { id } }');
    assert.equal(nobody, null);
});

await check('pages are read one after the other', async () => {
    await ask(ADD, { ...variables, author: 'grace', title: 'On moths' });
    const query = 'query Posts($token: String) { posts(limit: 1, nextToken: $token) { items { id } nextToken } }';
    const ids = new Set();
    let token = null;
    do {
        const { posts } = await ask(query, { token });
        posts.items.forEach((item) => ids.add(item.id));
        token = posts.nextToken;
    } while (token);
    assert(ids.size >= 2);
});

await check('aliases, fragments and variables with defaults', async () => {
    const query = `
        query Both($id: ID!, $with: Boolean = false) {
            one: post(id: $id) { ...head }
            other: post(id: $id) { ...head content @include(if: $with) }
        }
        fragment head on Post { id title __typename }`;
    const { one, other } = await ask(query, { id: post.id });
    assert.deepEqual(one, other);
    assert.equal(one.__typename, 'Post');
});

await check('an error that a template raises has its type and path', async () => {
    const query = 'mutation { addComment(postId: "nobody", author: "ada", body: "?") { id } }';
    const [error] = await refused(query);
    assert.equal(error.errorType, 'NoSuchPost');
    assert.equal(error.message, 'There is no post nobody');
    assert.deepEqual(error.path, ['addComment']);
});

await check('a query that does not fit the schema is refused in AppSync\'s words', async () => {
    const [error] = await refused('query { posts { nothing } }');
    assert.match(error.message, /^Validation error of type FieldUndefined: Field 'nothing' in type 'PostPage' is undefined/);
});

await check('a variable that is missing is told', async () => {
    const errors = await refused(ADD, { author: 'ada' });
    assert(errors.length > 0);
});

await check('a wrong key lets nobody in', async () => {
    const errors = await refused('query { post(id: "x") { id } }', {}, { apiKey: 'da2-wrongwrongwrong' });
    assert.match(JSON.stringify(errors.map((error) => error.message ?? error)), /401|not authorized|Unauthorized/i);
});

await check('introspection is answered', async () => {
    const { __schema } = await ask('query { __schema { subscriptionType { fields { name } } } }');
    assert.deepEqual(__schema.subscriptionType.fields.map((field) => field.name).sort(), ['onPost', 'onProgress']);
});

// Subscriptions.

let states = [];
Hub.listen('api', ({ payload }) => {
    if (payload.event === CONNECTION_STATE_CHANGE) {
        states.push(payload.data.connectionState);
    }
});

function subscribe(query, variables) {
    const inbox = new Inbox();
    const subscription = client.graphql({ query, variables }).subscribe({
        next: ({ data }) => inbox.put(data),
        error: (error) => inbox.put({ error }),
    });
    return { inbox, subscription };
}

await check('whoever subscribes with an argument hears of what matches it, and of nothing else', async () => {
    const query = 'subscription On($author: String) { onPost(author: $author) { id author title content } }';
    const { inbox, subscription } = subscribe(query, { author: 'mary' });
    await until(
        () => !inbox.isEmpty,
        async () => {
            await ask(ADD, { author: 'grace', title: 'not for this one' });
            await ask(ADD, { author: 'mary', title: 'for this one' });
        },
    );
    while (!inbox.isEmpty) {
        const message = await inbox.next('a post of mary');
        assert.equal(message.error, undefined, JSON.stringify(message.error));
        assert.equal(message.onPost.author, 'mary');
        assert.equal(message.onPost.title, 'for this one');
        assert.equal(message.onPost.content, null);
    }
    subscription.unsubscribe();
    assert(states.includes('Connected'), states.join());
});

await check('the workflow that a mutation starts is heard of while it goes on', async () => {
    const query = 'subscription On($id: ID) { onProgress(id: $id) { id stage } }';
    const { inbox, subscription } = subscribe(query, { id: post.id });
    const probe = 'mutation Report($id: ID!) { reportProgress(id: $id, stage: CHECKING) { id stage } }';
    await until(() => !inbox.isEmpty, () => ask(probe, { id: post.id }));
    const { publishPost: execution } = await ask('mutation Publish($id: ID!) { publishPost(id: $id) }', { id: post.id });
    assert.match(execution, /:execution:publish:/);
    let message;
    do {
        message = await inbox.next('the post to be published');
        assert.equal(message.error, undefined, JSON.stringify(message.error));
        assert.equal(message.onProgress.id, post.id);
    } while (message.onProgress.stage !== 'PUBLISHED');
    subscription.unsubscribe();
});

await check('a pipeline of VTL and JavaScript has what is published', async () => {
    const { feed } = await ask('query { feed { id status } }');
    assert(feed.some((item) => item.id === post.id));
    assert(feed.every((item) => item.status === 'PUBLISHED'));
});

await check('a subscription that the schema does not have is refused', async () => {
    const { inbox } = subscribe('subscription { onNothing { id } }', {});
    const { error } = await inbox.next('a refusal');
    assert.match(JSON.stringify(error), /onNothing|FieldUndefined|Validation/);
});

if (hasDatabase) {
    await check('comments come from PostgreSQL', async () => {
        const add = 'mutation Add($id: ID!, $body: String!) { addComment(postId: $id, author: "grace", body: $body) { id body } }';
        const body = `it's "true"; drop table comments --`;
        const { addComment } = await ask(add, { id: post.id, body });
        assert.equal(addComment.body, body);
        const { post: found } = await ask('query Post($id: ID!) { post(id: $id) { comments { author body } } }', { id: post.id });
        assert.deepEqual(found.comments, [{ author: 'grace', body }]);
    });
}

// The Events API.

function hear(channel) {
    const inbox = new Inbox();
    channel.subscribe({ next: (event) => inbox.put(event.event ?? event), error: (error) => inbox.put({ error }) });
    return inbox;
}

await check('what is published over HTTP is heard over the socket', async () => {
    const channel = await events.connect('/default/news');
    const inbox = hear(channel);
    await until(() => !inbox.isEmpty, () => events.post('/default/news', { text: 'hello' }));
    assert.deepEqual(await inbox.next('an event'), { text: 'hello' });
    channel.close();
});

await check('a wildcard hears of all channels below, and the socket publishes, too', async () => {
    const all = await events.connect('/default/*');
    const one = await events.connect('/default/a/b');
    const inbox = hear(all);
    await until(() => !inbox.isEmpty, () => one.publish({ number: 1 }));
    assert.deepEqual(await inbox.next('an event'), { number: 1 });
    all.close();
    one.close();
});

await check('a namespace\'s code leaves events out', async () => {
    const channel = await events.connect('/rooms/kitchen');
    const inbox = hear(channel);
    await until(
        () => !inbox.isEmpty,
        () => events.post('/rooms/kitchen', [{ text: 'darn it' }, { text: 'tea is ready' }]),
    );
    while (!inbox.isEmpty) {
        assert.deepEqual(await inbox.next('an event'), { text: 'tea is ready' });
    }
    channel.close();
});

await check('a channel of no namespace is refused', async () => {
    await assert.rejects(async () => {
        const answer = await events.post('/nowhere/at-all', { text: 'hello' });
        if (answer?.failed?.length > 0 || Array.isArray(answer) && answer.length > 0) {
            throw new Error(JSON.stringify(answer));
        }
    });
});

events.closeAll?.();
console.log(`aws-amplify: ${count()} checks`);
process.exit(0);
