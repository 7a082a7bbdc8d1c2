export function request(ctx) {
    return { payload: 'for tokens' };
}

export function response(ctx) {
    return ctx.result;
}
