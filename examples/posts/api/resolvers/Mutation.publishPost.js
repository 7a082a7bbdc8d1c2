import { util } from '@aws-appsync/utils';

export function request(ctx) {
    return {
        method: 'POST',
        resourcePath: '/',
        params: {
            headers: {
                'content-type': 'application/x-amz-json-1.0',
                'x-amz-target': 'AWSStepFunctions.StartExecution',
            },
            body: { stateMachineArn: ctx.env.PUBLISH, input: JSON.stringify({ id: ctx.args.id }) },
        },
    };
}

export function response(ctx) {
    if (ctx.error) {
        util.error(ctx.error.message, ctx.error.type);
    }
    const answer = JSON.parse(ctx.result.body);
    if (ctx.result.statusCode !== 200) {
        util.error(answer.message, answer.__type);
    }
    return answer.executionArn;
}
