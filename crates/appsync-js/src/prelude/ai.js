// The module '@aws-appsync/utils/ai': requests for models of Bedrock.
({
  invokeModel: (payload) => ({ operation: 'InvokeModel', ...payload }),
  converse: (payload) => ({ operation: 'Converse', ...payload }),
})
