export function request(ctx) {
    return { payload: { ...ctx.args, by: ctx.identity } };
}

export function response(ctx) {
    return ctx.result;
}
