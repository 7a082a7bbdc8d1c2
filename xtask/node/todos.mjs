// aws-amplify against a backend that Amplify has made: node todos.mjs amplify_outputs.json

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Inbox, check, count, until } from './checks.mjs';

const { Amplify } = await import('aws-amplify');
const { generateClient } = await import('aws-amplify/api');

Amplify.configure(JSON.parse(readFileSync(process.argv[2], 'utf8')));
const client = generateClient();

// What earlier runs have left is there still.
const run = Date.now().toString(36);
const titled = (title) => `${title} ${run}`;

const CREATE = 'mutation C($input: CreateTodoInput!) { createTodo(input: $input) { id title done createdAt updatedAt __typename } }';
const GET = 'query G($id: ID!) { getTodo(id: $id) { id title done } }';

async function ask(query, variables = {}) {
    return (await client.graphql({ query, variables })).data;
}

async function refused(query, variables) {
    const outcome = await ask(query, variables).catch((error) => JSON.stringify(error));
    assert.equal(typeof outcome, 'string', 'it was answered');
    return outcome;
}

let todo;

await check('a model is created with its times', async () => {
    todo = (await ask(CREATE, { input: { title: titled('wash'), done: false } })).createTodo;
    assert.equal(todo.__typename, 'Todo');
    assert.match(todo.createdAt, /^\d{4}-.*Z$/);
    assert.equal(todo.createdAt, todo.updatedAt);
});

await check('an identifier is taken once', async () => {
    assert.match(await refused(CREATE, { input: { id: todo.id, title: 'again' } }), /ConditionalCheckFailed/);
});

await check('it is read; who does not exist is null', async () => {
    assert.equal((await ask(GET, { id: todo.id })).getTodo.title, titled('wash'));
    assert.equal((await ask(GET, { id: 'nobody' })).getTodo, null);
});

await check('it is updated under a condition', async () => {
    const update = `mutation U($input: UpdateTodoInput!, $condition: ModelTodoConditionInput) {
        updateTodo(input: $input, condition: $condition) { title done }
    }`;
    const input = { id: todo.id, done: true };
    const { updateTodo } = await ask(update, { input, condition: { title: { eq: titled('wash') } } });
    assert.deepEqual(updateTodo, { title: titled('wash'), done: true });
    assert.match(await refused(update, { input, condition: { title: { eq: 'cook' } } }), /ConditionalCheckFailed/);
    assert.match(await refused(update, { input: { id: 'nobody', done: true } }), /ConditionalCheckFailed/);
});

await check('it is listed by filters, page by page', async () => {
    for (const title of ['cook', 'clean', 'walk']) {
        await ask(CREATE, { input: { title: titled(title), done: title === 'walk' } });
    }
    const list = `query L($filter: ModelTodoFilterInput, $nextToken: String) {
        listTodos(filter: $filter, limit: 2, nextToken: $nextToken) { items { title } nextToken }
    }`;
    const filter = { title: { contains: run }, or: [{ title: { beginsWith: 'c' } }, { done: { eq: true } }] };
    const titles = [];
    let nextToken = null;
    do {
        const { listTodos } = await ask(list, { filter, nextToken });
        titles.push(...listTodos.items.map((item) => item.title));
        nextToken = listTodos.nextToken;
    } while (nextToken);
    assert.deepEqual(titles.sort(), ['clean', 'cook', 'walk', 'wash'].map(titled));
});

await check('an index has a query of its own', async () => {
    const { todosByTitle } = await ask('query B($title: String!) { todosByTitle(title: $title) { items { done } } }', { title: titled('cook') });
    assert.deepEqual(todosByTitle.items, [{ done: false }]);
});

await check('one has many, and each of them belongs to one', async () => {
    const create = 'mutation C($input: CreateNoteInput!) { createNote(input: $input) { text todo { title } } }';
    const { createNote } = await ask(create, { input: { text: 'soap', todoNotesId: todo.id } });
    assert.equal(createNote.todo.title, titled('wash'));
    const { getTodo } = await ask('query G($id: ID!) { getTodo(id: $id) { notes { items { text todo { id } } } } }', { id: todo.id });
    assert.deepEqual(getTodo.notes.items, [{ text: 'soap', todo: { id: todo.id } }]);
});

await check('subscribers hear of what their filters let through', async () => {
    const query = 'subscription S($filter: ModelSubscriptionTodoFilterInput) { onCreateTodo(filter: $filter) { id title } }';
    const inbox = new Inbox();
    const subscription = client
        .graphql({ query, variables: { filter: { title: { contains: 'urgent' } } } })
        .subscribe({ next: ({ data }) => inbox.put(data), error: (error) => inbox.put({ error }) });
    await until(
        () => !inbox.isEmpty,
        async () => {
            await ask(CREATE, { input: { title: 'later' } });
            await ask(CREATE, { input: { title: 'an urgent thing' } });
        },
    );
    while (!inbox.isEmpty) {
        const message = await inbox.next('an urgent thing');
        assert.equal(message.error, undefined, JSON.stringify(message.error));
        assert.equal(message.onCreateTodo.title, 'an urgent thing');
    }
    subscription.unsubscribe();
});

await check('it is deleted', async () => {
    const { deleteTodo } = await ask('mutation D($id: ID!) { deleteTodo(input: { id: $id }) { title } }', { id: todo.id });
    assert.equal(deleteTodo.title, titled('wash'));
    assert.equal((await ask(GET, { id: todo.id })).getTodo, null);
});

console.log(`a backend of Amplify: ${count()} checks`);
process.exit(0);
