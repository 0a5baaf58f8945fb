// node read.mjs VECTORS.json

import { createDecipheriv, createHash, hkdfSync, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'

const bytes = (text) => {
  const decoded = Buffer.from(text, 'base64')
  if (decoded.toString('base64') !== text) throw new Error('a column is not base64')
  return decoded
}

const withLength = (part) => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(part.length)
  return Buffer.concat([length, part])
}

function openSealed(dataKey, fields, encryptedValue, encryptionIv, encryptionTag) {
  const [value, iv, tag] = [encryptedValue, encryptionIv, encryptionTag].map(bytes)
  if (iv.length !== 44 || tag.length !== 48) throw new Error('the columns have wrong lengths')
  const count = Buffer.alloc(4)
  count.writeUInt32BE(fields.length)
  const parts = fields.map((field) => withLength(Buffer.from(field)))
  const aad = Buffer.concat([withLength(Buffer.from('javari.vault.v2')), count, ...parts])
  const digest = createHash('sha256').update(aad).digest()
  const info = Buffer.concat([Buffer.from('javari.vault.v2/record\0'), digest])
  const derived = Buffer.from(hkdfSync('sha256', dataKey, iv.subarray(0, 32), info, 64))
  if (!timingSafeEqual(derived.subarray(32), tag.subarray(16))) {
    throw new Error('another key, row, name or flag than it was sealed for')
  }
  const options = { authTagLength: 16 }
  const cipher = createDecipheriv('aes-256-gcm', derived.subarray(0, 32), iv.subarray(32), options)
  cipher.setAAD(aad)
  cipher.setAuthTag(tag.subarray(0, 16))
  return Buffer.concat([cipher.update(value), cipher.final()])
}

let [opened, refused] = [0, 0]
for (const row of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  try {
    const plaintext = openSealed(bytes(row.key), row.fields, ...row.columns)
    if (plaintext.toString() === row.plaintext) opened += 1
  } catch {
    refused += 1
  }
}
console.log(`${opened} opened, ${refused} refused`)
