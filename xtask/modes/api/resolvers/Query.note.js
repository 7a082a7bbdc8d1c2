export function request(ctx) {
    return { payload: { room: 'blue', text: 'hello', by: ctx.identity, secret: 'hush', forSigned: 'signed' } };
}

export function response(ctx) {
    return ctx.result;
}
