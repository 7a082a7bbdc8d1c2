import { util } from '@aws-appsync/utils';

export function request(ctx) {
    return { method: 'GET', resourcePath: `/authors/${util.urlEncode(ctx.source.author)}` };
}

export function response(ctx) {
    if (ctx.error) {
        util.error(ctx.error.message, ctx.error.type);
    }
    if (ctx.result.statusCode === 404) {
        return null;
    }
    if (ctx.result.statusCode !== 200) {
        util.error(`The authors' server answers ${ctx.result.statusCode}`, 'Authors');
    }
    return JSON.parse(ctx.result.body);
}
