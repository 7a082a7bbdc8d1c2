export function request(ctx) {
    return { payload: ctx.args.text };
}

export function response(ctx) {
    return ctx.result;
}
