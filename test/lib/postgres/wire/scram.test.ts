import { expect, test } from 'vitest'
import { scramProof } from '../../../../src/lib/postgres/wire/scram.ts'

test('the example of RFC 7677, section 3, comes out', async () => {
  const serverNonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
  const salt = 'W22ZaJ0SNY7soEsUEjb6gQ=='
  const exchange = [
    'n=user,r=rOprNGfwEbeRWgbNEkqO',
    `r=${serverNonce},s=${salt},i=4096`,
    `c=biws,r=${serverNonce}`,
  ].join(',')
  const { proof, serverSignature } = await scramProof('pencil', Buffer.from(salt, 'base64'), 4096, exchange)
  expect(proof.toString('base64')).toBe('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=')
  expect(serverSignature.toString('base64')).toBe('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
})
