// Answers each line of JSON on standard input by the verdict of @cloud-copilot/iam-simulate.
// Its core is imported by path: the public function that skips the check of action names against
// a catalogue takes no session policy.
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const at = (path) => import(pathToFileURL(`${process.argv[2]}/${path}`))
const { authorize } = await at('dist/esm/core_engine/CoreSimulatorEngine.js')
const { DiscoveryContextKeyConstraints } = await at(
  'dist/esm/context_keys/discoveryContextKeyConstraints.js'
)
const { AwsRequestImpl } = await at('dist/esm/request/request.js')
const { RequestContextImpl } = await at('dist/esm/requestContext.js')
const { loadPolicy } = await at('../iam-policy/dist/esm/index.js')

const ACCOUNT = '123456789012'
const PRINCIPAL = `arn:aws:sts::${ACCOUNT}:assumed-role/R/S`
const load = (document) => loadPolicy(document, { name: 'P' })

function verdict({ identity, boundary, session, action, resource, context }) {
  const request = new AwsRequestImpl(
    PRINCIPAL,
    { resource, accountId: ACCOUNT },
    action,
    new RequestContextImpl(context)
  )
  return authorize({
    request,
    sessionPolicy: session ? load(session) : undefined,
    identityPolicies: identity.map(load),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    permissionBoundaries: boundary ? [load(boundary)] : undefined,
    simulationParameters: {
      simulationMode: 'Strict',
      discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([])
    },
    serviceSettings: { s3: {} }
  }).result
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer
  try {
    answer = verdict(JSON.parse(line))
  } catch (error) {
    answer = `error: ${error.message}`
  }
  console.log(JSON.stringify(answer))
}
