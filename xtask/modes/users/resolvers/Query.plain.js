export function request(ctx) {
    return { payload: 'plain' };
}

export function response(ctx) {
    return ctx.result;
}
