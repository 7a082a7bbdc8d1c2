export function request(ctx) {
    return { payload: ctx.identity.userArn };
}

export function response(ctx) {
    return ctx.result;
}
