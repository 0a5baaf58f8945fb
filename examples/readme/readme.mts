// The TypeScript of the project's README, without this line.

import { Javari } from '@javari/node'

const javari = await Javari.open('javari.db')
const user = await javari.users.ensure({ email: 'you@example.com' })
const project = await javari.scope({ user: user.id }).projects.ensure({ name: 'quickstart' })
const scope = javari.scope({ user: user.id, project: project.id })

for await (const step of scope.knowledge.ingest({ folder: 'docs' })) {}

for await (const event of scope.knowledge.answer({ question: 'How is a credential sealed?' })) {
  if (event.type === 'text') process.stdout.write(event.delta)
}
await javari.close()
