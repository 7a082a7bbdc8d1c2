export function request(ctx) {
    return { payload: ctx.prev.result.filter((post) => post.status === 'PUBLISHED') };
}

export function response(ctx) {
    return ctx.result.sort((one, other) => (one.at < other.at ? 1 : -1)).slice(0, 10);
}
