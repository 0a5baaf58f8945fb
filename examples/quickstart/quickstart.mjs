// Asks your own documents: opens one file, reads a folder, answers with citations.

import { fileURLToPath } from 'node:url'

import { Javari, NotFoundError } from '../../javari-node/door/index.mjs'

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url))
const QUESTION = 'How is a credential sealed in the vault?'

const started = performance.now()
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const folder = words[0] ?? DOCS
const question = words[1] ?? QUESTION

const javari = await Javari.open('javari.db')
for (const notice of (await javari.system.version()).notices) console.log('note:', notice)
const user = await javari.users.ensure({ email: 'you@example.com' })
const project = await javari.scope({ user: user.id }).projects.ensure({ name: `quickstart ${folder}` })
const scope = javari.scope({ user: user.id, project: project.id })

try {
  await scope.vault.get({ name: 'EXAMPLE_TOKEN' })
} catch (error) {
  if (!(error instanceof NotFoundError)) throw error
  await scope.vault.put({ name: 'EXAMPLE_TOKEN', value: 'not-a-real-token' })
}

let total = 0
let done = 0
let chunksAdded = 0
for await (const event of scope.knowledge.ingest({ folder })) {
  if (event.type === 'found') {
    total = event.documents
  } else if (event.type === 'failed') {
    console.log(`not read: ${event.path} (${event.reason})`)
  } else if (event.type === 'finished') {
    chunksAdded = event.report.chunks
    console.log(`${event.report.found} of ${total} documents read, ${chunksAdded} chunks added`)
  } else {
    done += 1
    process.stdout.write(`\r${done}/${total} `)
  }
}

console.log(`\n${question}\n`)
let reply
for await (const event of scope.knowledge.answer({ question })) {
  if (event.type === 'text') process.stdout.write(event.delta)
  else if (event.type === 'finished') reply = event.reply
}
console.log()
for (const { number, path, start, end } of reply.citations) console.log(`[${number}] ${path}:${start}-${end}`)

const stats = await scope.knowledge.stats()
const { verified } = await scope.audit.verify()
const cost = reply.cost ?? '0'
console.log(`\nprovider ${reply.provider ?? 'none'}, cost ${cost} USD, audit verified: ${verified}`)
if (process.argv.includes('--json')) {
  const summary = {
    answer: reply.answer,
    provider: reply.provider,
    citations: reply.citations.map(({ path, start, end, score }) => ({ path, start, end, score })),
    documents: stats.documents,
    chunks_added: chunksAdded,
    chunks_total: stats.chunks,
    cost_usd: cost,
    audit_verified: verified,
    elapsed_ms: Math.round(performance.now() - started),
  }
  console.log(JSON.stringify(summary))
}
await javari.close()
