// What the pages have to show: executions of every kind.
import { PACK, arnOf, ended, pack } from './server.mjs'
import { fillGraphql, graphqlPages } from './graphql.mjs'
import { fillServices, servicePages } from './services.mjs'

export const ORDER = { total: 30, customer: 'Ida', items: ['tea', 'cup', 'spoon'] }

export async function fill(server) {
  await server.call('CreateActivity', { name: 'pack' })
  await fillServices(server)
  const graphql = await fillGraphql(server)
  const start = async (machine, name, input) =>
    (await server.call('StartExecution', { stateMachineArn: arnOf(machine), name, input: JSON.stringify(input) })).executionArn

  const small = await start('orders', 'order-1001', { total: 2, items: [] })
  const shipped = await start('orders', 'order-1002', ORDER)
  await pack(server, { error: 'Busy', cause: 'The table is full.' })
  await pack(server, { boxes: 1, by: 'Mia' })
  const caught = await start('orders', 'order-1003', ORDER)
  await pack(server, { error: 'OutOfBoxes', cause: 'The boxes come on Monday.' })
  const failed = await start('orders', 'order-1004', ORDER)
  await pack(server, { error: 'Dropped', cause: 'The parcel fell off the table, and the tea is everywhere.' })
  const stopped = await start('orders', 'order-1005', ORDER)
  await server.call('StopExecution', { executionArn: stopped, error: 'Recalled', cause: 'The customer changed her mind.' })
  const customers = Array.from({ length: 60 }, (_, at) => ({ customer: `c-${at}`, owes: at % 12 === 5 ? -1 : at }))
  const month = await start('month', 'november', { customers })
  const long = await start('counting', 'to-6200', { at: 0, until: 6200 })
  await Promise.all([small, shipped, caught, failed, month, long].map((arn) => ended(server, arn)))
  const first = await server.call('PublishStateMachineVersion', { stateMachineArn: arnOf('orders') })
  await server.call('CreateStateMachineAlias', {
    name: 'live',
    routingConfiguration: [{ stateMachineVersionArn: first.stateMachineVersionArn, weight: 100 }],
  })
  const running = await start('orders', 'order-1006', ORDER)
  const refund = await start('refund', 'refund-1', { amount: 80 })
  const { executions } = await server.call('ListExecutions', { stateMachineArn: arnOf('billing') })
  const { mapRuns } = await server.call('ListMapRuns', { executionArn: executions[0].executionArn })
  const children = await server.call('ListExecutions', { mapRunArn: mapRuns[0].mapRunArn, statusFilter: 'SUCCEEDED', maxResults: 1 })
  const child = children.executions[0].executionArn
  return { child, small, shipped, caught, failed, stopped, month, long, running, refund, billing: executions[0].executionArn, mapRun: mapRuns[0].mapRunArn, PACK, graphql }
}

// Every kind of page, with what it shows.
export function pages(world) {
  const part = (arn) => encodeURIComponent(arn).replaceAll('%3A', ':')
  return {
    machines: '/',
    machine: `/state-machines/${part(arnOf('orders'))}`,
    definition: `/state-machines/${part(arnOf('orders'))}?tab=definition`,
    versions: `/state-machines/${part(arnOf('orders'))}?tab=versions`,
    executions: '/executions',
    execution: `/executions/${part(world.failed)}?state=Pack`,
    running: `/executions/${part(world.running)}`,
    timeline: `/executions/${part(world.shipped)}?tab=timeline&state=Price item`,
    'map-run': `/map-runs/${part(world.mapRun)}`,
    flow: `/executions/${part(world.shipped)}?state=Pack&data=flow`,
    iterations: `/executions/${part(world.shipped)}?state=Price items`,
    activities: '/activities',
    ...servicePages,
    ...graphqlPages(world.graphql),
    playground: '/playground',
    server: '/server',
    designer: '/designer?template=hello',
    'designer-code': `/state-machines/${part(arnOf('orders'))}/designer?mode=code`,
    'designer-config': `/state-machines/${part(arnOf('orders'))}/designer?mode=config`,
    nowhere: '/nowhere',
  }
}
