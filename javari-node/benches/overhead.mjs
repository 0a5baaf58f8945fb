// Microseconds of a call with an empty body, one after another and 16 at a time.
import { Javari } from '@javari/node'

const CALLS = 5_000
const ROUNDS = 15

const median = (values) => values.sort((one, other) => one - other)[values.length >> 1]

async function measure(javari, abreast) {
  const rounds = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = process.hrtime.bigint()
    for (let call = 0; call < CALLS; call += abreast) {
      if (abreast === 1) await javari.system.version()
      else await Promise.all(Array.from({ length: abreast }, () => javari.system.version()))
    }
    rounds.push(Number(process.hrtime.bigint() - started) / 1e3 / CALLS)
  }
  return median(rounds)
}

const javari = await Javari.open(':memory:')
console.log(`Node ${(await measure(javari, 1)).toFixed(2)}`)
console.log(`Node-16-abreast ${(await measure(javari, 16)).toFixed(2)}`)
await javari.close()
