import { expect, test } from 'vitest'
import { isPassword, newHash, sha512crypt } from '../../../src/services/practice/crypt.ts'

test('a password is hashed as crypt(5) has it', () => {
  // By openssl-passwd(1).
  expect(sha512crypt('Hello world!', 'saltstring')).toBe(
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  )
  expect(sha512crypt('é', 'a/b.')).toBe(
    '$6$a/b.$NK/oXrRxRoyAMIYggQI/IGX2TbsVk9P.u5pOsYk0rOnvU.lG62/PwhpDiZAnjgSfW6l0b8nVcfPbMebGzojcH0',
  )
  expect(sha512crypt('x'.repeat(64), 'a/b.')).toBe(
    '$6$a/b.$2SXzYOHG0bXkOTUJ/B.Q7Eq.d8SH8JTJtxrS.Pxuh6GGQfxeUgCjveycGyNAyT4isNjbEFoM8SDTKArFegpho1',
  )
  expect(sha512crypt('y'.repeat(100), 'a/b.')).toBe(
    '$6$a/b.$63uTF0rfjmdOK3yamjw2asB9h6xQsgesiZ/azZtmtfZyssYoO3tU2dudT.y4.CY2lDL.oyUTbAErW2m/Di3F01',
  )
})

test('a password is known by its hash, which is another one each time', () => {
  const [one, other] = [newHash('geheim'), newHash('geheim')]
  expect(one).not.toBe(other)
  expect(isPassword('geheim', one) && isPassword('geheim', other)).toBe(true)
  expect(isPassword('Geheim', one)).toBe(false)
})

test.each(['', '*', '!', '$y$j9T$practice$practice', '$6$practice$practice'])('no password is that of %j', (field) => {
  for (const password of ['', 'practice', field]) expect(isPassword(password, field)).toBe(false)
})

test('nor of one that is locked', () => {
  expect(isPassword('geheim', `!${newHash('geheim')}`)).toBe(false)
})
