// Asks one model service and, when it cannot answer, another one; says why, and what it cost.
//
// `node fallback.mjs "Why is the sky blue?"`, with `OPENAI_API_KEY` and `ANTHROPIC_API_KEY` set, or
// with the settings of a JSON file: `--settings providers.json`.

import { readFileSync } from 'node:fs'

import { Javari } from '../../javari-node/door/index.mjs'

let words = process.argv.slice(2)
let settings = { database: ':memory:' }
if (words[0] === '--settings') {
  settings = JSON.parse(readFileSync(words[1], 'utf8'))
  words = words.slice(2)
}
const messages = [{ role: 'user', content: words[0] ?? 'Why is the sky blue?' }]

const { database, ...others } = settings
const javari = await Javari.open(database, others)
const scope = javari.scope({ user: (await javari.users.ensure({ email: 'you@example.com' })).id })
console.log((await scope.route.explain({ messages })).sentence + '\n')
for await (const event of scope.provider.chat({ messages })) {
  if (event.type === 'text') {
    process.stdout.write(event.delta)
  } else if (event.type === 'warning') {
    console.log('note:', event.message)
  } else if (event.type === 'finished') {
    console.log()
    for (const failed of event.failed_attempts ?? []) {
      console.log(`${failed.target} did not answer: ${failed.message} (${failed.code})`)
    }
    console.log(`${event.model} answered, cost ${event.cost == null ? 'unknown' : `${event.cost} USD`}`)
  }
}
await javari.close()
