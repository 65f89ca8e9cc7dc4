// Accounts and keys of real servers, as they are read: held against ssh-keygen(1), passwd(1), sudo(8), and against sshd
// itself, which is asked to let somebody in.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { otherAdmins } from '../../src/services/areas/sshd/accounts/admins.ts'
import { type AccountCheckId, accountVerdicts } from '../../src/services/areas/sshd/accounts/checks.ts'
import { parseAccounts } from '../../src/services/areas/sshd/accounts/parse.ts'
import probeScript from '../../src/services/areas/sshd/accounts/probe.sh'
import { accountOf, usableKeys } from '../../src/services/areas/sshd/accounts/usable.ts'
import { parseSettings } from '../../src/services/areas/sshd/parse.ts'
import type { AccountFacts } from '../../src/services/model/account-facts.ts'
import type { ProbeOutput } from '../../src/services/model/command.ts'
import { safe } from '../../src/services/model/safe.ts'
import type { SshdSetting } from '../../src/services/model/sshd.ts'
import { kindsFor } from './kinds.ts'
import { up, whyNoLab } from './lab.ts'
import { closeOperators, logIn } from './operator.ts'
import type { Server } from './server.ts'
import type { User } from './users.ts'

const HOME = '/home/guest'
const KEYS = `${HOME}/.ssh/authorized_keys`

for (const flavour of kindsFor('accounts of', ['debian12', 'debian13'] as const)) {
  describe.skipIf(whyNoLab() !== null)(`accounts of ${flavour}`, () => {
    let server: Server
    let settings: readonly SshdSetting[] = []
    let printed = ''
    beforeAll(async () => {
      server = await up({ flavour })
      // What is refused here on purpose must not shut the operator out (PerSourcePenalties, from 9.8 on).
      if (flavour === 'debian13')
        await server.must(`echo 'PerSourcePenalties no' > /etc/ssh/sshd_config.d/p.conf; systemctl reload ssh`)
      settings = parseSettings(await server.must('sshd -T'))
      await server.must(`cp -a ${HOME} /root/guest`)
    })
    afterAll(() => server?.down())
    afterEach(async () => {
      await closeOperators()
      await server.must(`rm -rf ${HOME} /tmp/keys; cp -a /root/guest ${HOME}`)
    })

    const read = async (user: User = 'root', before = ''): Promise<AccountFacts> => {
      const operator = await logIn(server, user)
      let output: ProbeOutput | null = null
      const probe = { id: 'accounts', script: before + probeScript, timeoutSeconds: 15 }
      const done = await operator.host.probe([probe], {
        facts: () => {},
        output: (one) => {
          output = one
        },
      })
      operator.close()
      if (!done.ok) throw new Error(done.error.message)
      printed = JSON.stringify([...((output as ProbeOutput | null)?.parts ?? [])])
      return parseAccounts(output, settings)
    }
    const verdict = (id: AccountCheckId, facts: AccountFacts): string => {
      const { outcome, observed } = accountVerdicts[id](facts, { settings, views: [], unjudged: [] })
      return `${outcome} ${observed}`
    }

    it('keys of every type are those that ssh-keygen sees', async () => {
      await server.must(`mkdir /tmp/keys; cd /tmp/keys
        make() { ssh-keygen -q -N '' -C "$1 key" -f "$@"; }
        make ca -t ed25519
        for bits in 1024 2048 4096; do make rsa$bits -t rsa -b $bits; done
        for bits in 256 384 521; do make ec$bits -t ecdsa -b $bits; done
        make ed -t ed25519
        make dsa -t dsa 2>/dev/null || :
        for name in rsa4096 ec256 ed; do ssh-keygen -q -s ca -I id -n root $name.pub; done
        { echo '# keys'; cat *.pub; printf 'from="10.0.0.0/8",command="a \\\\"b\\\\" c" '; cat ed.pub; echo 'ssh-ed25519 AAAA x'; echo rubbish; } >> ${KEYS}`)
      const told = await server.must(`ssh-keygen -lf ${KEYS}`)
      const facts = await read()
      const files = accountOf(facts, 'guest')?.keyFiles
      const lines =
        files?.state === 'known' && files.value[0]?.lines.state === 'known' ? files.value[0].lines.value : []
      const shown = { rsa: 'RSA', dsa: 'DSA', ecdsa: 'ECDSA', ed25519: 'ED25519', 'ecdsa-sk': '', 'ed25519-sk': '' }
      const ours = lines.flatMap((line) => {
        if (line.state === 'broken') return []
        const { bits, fingerprint, kind, certificate } = line.key
        return [`${bits} ${fingerprint} ${line.comment} (${shown[kind]}${certificate ? '-CERT' : ''})`]
      })
      expect(ours).toEqual(told.split('\n'))
      expect(ours.length).toBeGreaterThanOrEqual(13)
      expect(lines.filter(({ state }) => state === 'broken')).toHaveLength(2)
      expect(verdict('ACC-weak-keys', facts)).toBe(
        flavour === 'debian12' ? 'fail guest: DSA, guest: RSA 1024' : 'fail guest: RSA 1024',
      )
      expect(verdict('ACC-short-keys', facts)).toBe('fail guest: RSA 2048')
      // The lab's own, and all that are no certificates, too short or off.
      const taken = usableKeys(facts, 'guest')?.map(({ key: { kind, bits } }) => `${kind} ${bits}`)
      expect(taken?.toSorted()).toEqual([
        'ecdsa 256',
        'ecdsa 384',
        'ecdsa 521',
        ...Array<string>(4).fill('ed25519 256'),
        'rsa 1024',
        'rsa 2048',
        'rsa 4096',
      ])
    })

    it('passwords are what passwd -S says, and their hashes stay there', async () => {
      await server.must(`for name in ann bob cid dan eva; do useradd -m $name; done
        printf 'ann:secret-ann\\nbob:secret-bob\\n' | chpasswd; passwd -l bob; passwd -d cid
        printf 'dan:$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/\\neva:ab01FAX.bQRSU\\n' | chpasswd -e
        chage -E 2020-01-01 -I 5 -M 90 ann; useradd -o -u 0 -M toor`)
      const facts = await read()
      const told = (await server.must('passwd -Sa')).split('\n').map((line) => line.split(' ').slice(0, 2).join(' '))
      const letter = { empty: 'NP', locked: 'L', star: 'L', invalid: 'P', set: 'P', elsewhere: '?' }
      expect(
        facts.accounts.map(
          ({ name, password }) => `${name} ${password.state === 'known' ? letter[password.value.state] : '?'}`,
        ),
      ).toEqual(told)
      expect(accountOf(facts, 'ann')?.password).toMatchObject({
        value: { state: 'set', method: 'y', maximum: 90, inactive: 5, expires: 18262 },
      })
      expect(verdict('ACC-empty-password', facts)).toBe('fail cid')
      expect(verdict('ACC-old-hashes', facts)).toBe('fail dan (MD5), eva (DES)')
      expect(verdict('ACC-uid0', facts)).toBe('fail toor')
      const hashes = (await server.must("cut -d: -f2 /etc/shadow | sed 's/^!*//' | grep -E '.{13}'")).split('\n')
      expect(hashes.length).toBeGreaterThanOrEqual(6)
      for (const hash of hashes) expect(printed).not.toContain(hash)
      await server.must(
        'userdel toor 2>/dev/null || sed -i /^toor:/d /etc/passwd /etc/shadow; for name in ann bob cid dan eva; do userdel -r $name; done 2>/dev/null',
      )
    })

    it.each<[what: string, script: string, letsIn: boolean]>([
      ['as they are', ':', true],
      ['writable by the account’s own group', `chmod 664 ${KEYS}; chmod 770 ${HOME}/.ssh`, true],
      ['writable by another group', `chgrp sudo ${KEYS}; chmod 664 ${KEYS}`, false],
      ['writable by its own group, with another in it', `gpasswd -a pat guest; chmod 664 ${KEYS}`, false],
      ['writable by all', `chmod 602 ${KEYS}`, false],
      ['in a folder that is', `chmod 707 ${HOME}/.ssh`, false],
      ['in a home that is', `chmod 757 ${HOME}`, false],
      ['of another', `chown pat ${KEYS}; chmod 644 ${KEYS}`, false],
      ['of root, readable', `chown root:root ${KEYS}; chmod 644 ${KEYS}`, true],
      ['of root, not readable', `chown root:root ${KEYS}`, false],
      [
        'of root, readable by a group of its',
        `chown root:users ${KEYS}; chmod 640 ${KEYS}; gpasswd -a guest users`,
        true,
      ],
      ['in a folder of root’s that is closed', `chown root ${HOME}/.ssh`, false],
      ['by a link into a folder for all', `mv ${KEYS} /tmp/k; ln -s /tmp/k ${KEYS}`, false],
      ['by a link beside it', `mv ${KEYS} ${HOME}/k; ln -s ../k ${KEYS}`, true],
      ['in a home that is a link', `mv ${HOME} /home/g; ln -s g ${HOME}`, true],
      ['in the second file', `mv ${KEYS} ${KEYS}2`, true],
      ['as a pipe', `rm ${KEYS}; mkfifo -m 600 ${KEYS}; chown guest ${KEYS}`, false],
      ['by a link that leads nowhere', `rm ${KEYS}; ln -s /nowhere ${KEYS}`, false],
      ['with an option that is none', `sed -i 's/^/no-pty="x" /' ${KEYS}`, false],
      ['with good options', `sed -i 's/^/No-PTY,from="*",environment="A=\\\\"b, c\\\\"" /' ${KEYS}`, true],
      ['once their time is over', `sed -i 's/^/expiry-time="20200101" /' ${KEYS}`, false],
      ['before their time is over', `sed -i 's/^/expiry-time="20990101" /' ${KEYS}`, true],
      ['as a certificate authority', `sed -i 's/^/cert-authority /' ${KEYS}`, false],
      ['behind a NUL', `printf 'x\\0' > /tmp/k; cat ${KEYS} >> /tmp/k; cat /tmp/k > ${KEYS}`, false],
      ['with the line end of DOS', `sed -i 's/ [^ ]*$/\\r/' ${KEYS}`, true],
    ])('keys %s count as sshd has it', async (_what, script, letsIn) => {
      try {
        await server.must(script)
        const keys = usableKeys(await read(), 'guest')
        expect(keys === null ? 'not sure' : keys.length > 0).toBe(
          script.includes('cert-authority') ? 'not sure' : letsIn,
        )
        expect(await server.canLogin({ user: 'guest' })).toBe(letsIn)
      } finally {
        await server.sh('gpasswd -d pat guest; gpasswd -d guest users; rm -rf /home/g /tmp/k')
      }
    })

    it('a certificate in such a file lets nobody in', async () => {
      const own = await server.must(
        `mkdir /tmp/keys; cd /tmp/keys; ssh-keygen -q -t ed25519 -N '' -f ca; cat > own.pub; ssh-keygen -q -s ca -I id -n guest own.pub; cp own-cert.pub ${KEYS}; cat own-cert.pub`,
        {
          input: await server.must(`cat ${KEYS}`),
        },
      )
      expect(own).toContain('-cert-v01@openssh.com')
      expect(usableKeys(await read(), 'guest')).toEqual([])
      expect(await server.canLogin({ user: 'guest' })).toBe(false)
    })

    it('keys are found where AuthorizedKeysFile says', async () => {
      await server.must(
        `mkdir -p /etc/ssh/keys; mv ${KEYS} /etc/ssh/keys/guest.$(id -u guest); chown root: /etc/ssh/keys/*; chmod 644 /etc/ssh/keys/*`,
      )
      await server.must(
        `printf 'Port 2022\\nPidFile /run/t.pid\\nUsePAM yes\\nAuthorizedKeysFile /etc/ssh/keys/%%u.%%U\\n' > /tmp/t.conf; mkdir -p /run/sshd; /usr/sbin/sshd -f /tmp/t.conf`,
      )
      await server.waitForSshd({ port: 2022 })
      try {
        expect(usableKeys(await read('root', "authorized_keys_file='/etc/ssh/keys/%u.%U'\n"), 'guest')).toHaveLength(1)
        expect(await server.canLogin({ user: 'guest', port: 2022 })).toBe(true)
        expect(usableKeys(await read(), 'guest')).toEqual([])
        expect(await server.canLogin({ user: 'guest' })).toBe(false)
      } finally {
        await server.must('kill "$(cat /run/t.pid)"; rm -r /etc/ssh/keys /tmp/t.conf')
      }
    })

    it('service accounts are named that can log in, or forward ports though they have no shell', async () => {
      await server.must(`useradd -r -m -d /srv/web -s /usr/sbin/nologin web; useradd -r -s /bin/bash db; useradd -r -s /bin/bash app; echo app:secret | chpasswd
        mkdir /srv/web/.ssh; cp ${KEYS} /srv/web/.ssh/; chown -R web: /srv/web/.ssh`)
      try {
        const facts = await read()
        expect(verdict('ACC-service-login', facts)).toBe('fail web, app')
        expect(await server.canLogin({ user: 'web' })).toBe(false)
        expect(await server.canLogin({ user: 'app', password: 'secret' })).toBe(true)
        const through = await server.client.run(server.client.sshArgv({ user: 'web', args: ['-W', '127.0.0.1:22'] }), {
          input: '',
          env: server.client.env(),
          timeoutMs: 5000,
        })
        expect(through.stdout).toMatch(/^SSH-2\.0-/)
      } finally {
        await server.sh('for name in web db app; do userdel -r $name; done')
      }
    })

    it('whoever can become root is named, as sudo has it', async () => {
      await server.must(`useradd -m -g sudo lou; useradd -m max; echo 'User_Alias STAFF = max
STAFF ALL = (root) NOPASSWD: /usr/bin/id, /usr/bin/true' > /etc/sudoers.d/staff`)
      try {
        const facts = await read()
        const names = (name: string) => otherAdmins(facts, name).sure.map(({ account }) => account.name)
        expect(names('root')).toEqual(['ops', 'pat'])
        expect(names('ops')).toEqual(['pat'])
        const root = (name: string) => {
          const sudo = accountOf(facts, name)?.sudo
          return sudo?.state === 'known' ? sudo.value.root : sudo?.why
        }
        expect(['ops', 'pat', 'guest', 'lou', 'max'].map(root)).toEqual(['free', 'asks', 'none', 'asks', 'none'])
        expect(verdict('ACC-other-admin', facts)).toBe('pass ops, pat')
        await server.must('echo "guest ALL = ALL" > /etc/more; echo "@include /etc/more" > /etc/sudoers.d/more')
        expect(accountOf(await read(), 'guest')?.sudo).toEqual({
          state: 'unknown',
          why: safe('sudo was not asked about it'),
        })
      } finally {
        await server.must('rm -f /etc/more /etc/sudoers.d/more /etc/sudoers.d/staff; userdel -r lou; userdel -r max')
      }
    })

    it('host keys and modes are those of the server', async () => {
      const facts = await read()
      const told = (await server.must('for key in /etc/ssh/ssh_host_*_key; do ssh-keygen -lf $key.pub; done')).split(
        '\n',
      )
      const keys = facts.hostKeys.state === 'known' ? facts.hostKeys.value : []
      expect(
        keys.map(({ key }) =>
          key.state === 'known' ? `${key.value.bits} ${key.value.fingerprint} (${key.value.type})` : '',
        ),
      ).toEqual(told.map((line) => line.replace(/ \S+(?= \([A-Z0-9]+\)$)/, '')))
      expect(verdict('SSH-hostkeys', facts)).toMatch(/^pass /)
      expect(verdict('SSH-files', facts)).toMatch(/^pass /)
      expect(verdict('ACC-files', facts)).toMatch(/^pass /)
      for (const [path, seen] of facts.files) {
        if (seen.state === 'absent') continue
        const modes = 'mode' in seen ? `${seen.mode.toString(8)} ${seen.uid} ${seen.gid}` : seen.state
        expect(`${path} ${modes}`).toBe(await server.must(`stat -L -c '%n %a %u %g' ${path}`))
      }
    })

    it('who may not read it all is told of what he may, and of the rest why not', async () => {
      const facts = await read('guest')
      expect(usableKeys(facts, 'guest')).toHaveLength(1)
      expect(usableKeys(facts, 'root')).toBeNull()
      expect(accountOf(facts, 'root')?.password).toEqual({
        state: 'unknown',
        why: safe('/etc/shadow can’t be read (it needs root)'),
      })
      for (const id of [
        'ACC-service-login',
        'ACC-empty-password',
        'ACC-weak-keys',
        'ACC-root-keys',
        'ACC-other-admin',
      ] as const)
        expect([id, verdict(id, facts).split(' ')[0]]).toEqual([id, 'unknown'])
    })

    it('nothing is written, and nothing logged', async () => {
      const look =
        "find / -xdev -newer /run/mark -type f ! -path '/var/log/journal/*' ! -path '/run/*' ! -path '/proc/*' ! -path '/sys/*'"
      await read()
      await server.must('touch /run/mark')
      await read()
      const touched = (await server.must(look))
        .split('\n')
        .filter(
          (path) =>
            !/^\/var\/(?:log\/(?:lastlog|wtmp|btmp|auth\.log|syslog)|lib\/(?:systemd|lastlog|wtmpdb))|^$/.test(path),
        )
      expect(touched).toEqual([])
      expect(await server.must('journalctl -q --no-pager -t sudo -n 100 2>/dev/null | grep -c list || :')).toBe('0')
    })
  })
}
