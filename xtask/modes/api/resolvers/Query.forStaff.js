export function request(ctx) {
    return { payload: 'for staff' };
}

export function response(ctx) {
    return ctx.result;
}
