import { util } from '@aws-appsync/utils';
import { createPgStatement, select, toJsonObject } from '@aws-appsync/utils/rds';

export function request(ctx) {
    const where = { post_id: { eq: ctx.source.id } };
    return createPgStatement(
        select({ table: 'comments', columns: ['id', 'author', 'body'], where, orderBy: [{ column: 'id' }] }),
    );
}

export function response(ctx) {
    if (ctx.error) {
        util.error(ctx.error.message, ctx.error.type);
    }
    return toJsonObject(ctx.result)[0];
}
