// A `stepwell dev` of its own for tests: on a free port, with a copy of `project/`, gone at the end.
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))

const program = process.env.STEPWELL ?? join(here, '../../target/debug/stepwell')

// `settings` is what its stepwell.toml says.
export async function startServer(settings = '') {
  const folder = mkdtempSync(join(tmpdir(), 'stepwell-console-'))
  cpSync(join(here, 'project'), folder, { recursive: true })
  writeFileSync(join(folder, 'stepwell.toml'), settings)
  const child = spawn(program, ['dev', folder, '--port', '0', '--ephemeral'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const endpoint = await new Promise((found, failed) => {
    child.once('error', failed)
    child.once('exit', (code) => failed(new Error(`the server ended with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /^stepwell \S+ at (http:\S+)$/.exec(line)
      if (match) found(match[1])
    })
  })
  return { endpoint, call: (action, body) => call(endpoint, action, body), stop: () => stop(child, folder) }
}

async function call(endpoint, action, body) {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${action}` },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${action}: ${text}`)
  return JSON.parse(text)
}

async function stop(child, folder) {
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  await ended
  rmSync(folder, { recursive: true, force: true })
}

export const arnOf = (machine) => `arn:aws:states:us-east-1:123456789012:stateMachine:${machine}`
export const PACK = 'arn:aws:states:us-east-1:123456789012:activity:pack'

// A person at the packing table: takes the next task and answers it.
export async function pack(server, answer) {
  const task = await server.call('GetActivityTask', { activityArn: PACK })
  if (!task.taskToken) throw new Error('there is nothing to pack')
  if (answer.error) await server.call('SendTaskFailure', { taskToken: task.taskToken, ...answer })
  else await server.call('SendTaskSuccess', { taskToken: task.taskToken, output: JSON.stringify(answer) })
}

// Waits until an execution has ended.
export async function ended(server, executionArn) {
  for (let look = 0; look < 400; look++) {
    const { status } = await server.call('DescribeExecution', { executionArn })
    if (status !== 'RUNNING') return status
    await new Promise((go) => setTimeout(go, 50))
  }
  throw new Error(`${executionArn} does not end`)
}
