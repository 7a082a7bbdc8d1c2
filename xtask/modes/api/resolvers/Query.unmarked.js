export function request(ctx) {
    return { payload: { text: 'unmarked' } };
}

export function response(ctx) {
    return ctx.result;
}
