export function request(ctx) {
    return { payload: { ...ctx.args, by: ctx.identity, secret: 'hush', forSigned: 'signed' } };
}

export function response(ctx) {
    return ctx.result;
}
