import { util } from '@aws-appsync/utils';
import { createPgStatement, insert, toJsonObject } from '@aws-appsync/utils/rds';

export function request(ctx) {
    const { postId, author, body } = ctx.args;
    const values = { post_id: postId, author, body };
    return createPgStatement(insert({ table: 'comments', values, returning: '*' }));
}

export function response(ctx) {
    if (ctx.error) {
        util.error(ctx.error.message, ctx.error.type);
    }
    return toJsonObject(ctx.result)[0][0];
}
