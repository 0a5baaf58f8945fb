// Node's own crypto, as the seed uses it: AES-256-GCM with 16 bytes of IV, 68 bytes of value.
// `node javari-core/benches/vault_peer.mjs`
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const key = randomBytes(32)
const value = 'x'.repeat(68)

function encrypt(text) {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  let encrypted = cipher.update(text, 'utf8', 'base64')
  encrypted += cipher.final('base64')
  return { encrypted, iv: iv.toString('base64'), authTag: cipher.getAuthTag().toString('base64') }
}

function decrypt({ encrypted, iv, authTag }) {
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'))
  decipher.setAuthTag(Buffer.from(authTag, 'base64'))
  return decipher.update(encrypted, 'base64', 'utf8') + decipher.final('utf8')
}

function measure(name, work) {
  for (let turn = 0; turn < 20_000; turn += 1) work()
  const rounds = []
  for (let round = 0; round < 11; round += 1) {
    const start = process.hrtime.bigint()
    for (let turn = 0; turn < 10_000; turn += 1) work()
    rounds.push(Number(process.hrtime.bigint() - start) / 10_000 / 1_000)
  }
  rounds.sort((one, other) => one - other)
  console.log(`node ${process.version} ${name}: median ${rounds[5].toFixed(2)} us`)
}

const sealed = encrypt(value)
measure('encrypt', () => encrypt(value))
measure('decrypt', () => decrypt(sealed))
