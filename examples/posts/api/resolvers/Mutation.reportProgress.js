export function request(ctx) {
    return { payload: { id: ctx.args.id, stage: ctx.args.stage } };
}

export function response(ctx) {
    return ctx.result;
}
