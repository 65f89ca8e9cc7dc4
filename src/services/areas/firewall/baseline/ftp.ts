import { bytesOf } from '../../../model/file-bytes.ts'
import { safe, say } from '../../../model/safe.ts'
import type { Ground } from './ground.ts'
import { newTo, type Proposal, propose, rawRules, rules } from './item.ts'

const MODULES = bytesOf('nf_conntrack_ftp\nnf_nat_ftp\n')
const modulesFile = ({ input }: Ground): Proposal['file'] =>
  input.firewall.ftpHelper.atBoot ? null : { path: '/etc/modules-load.d/hardtui-ftp.conf', text: MODULES, was: null }

/** FTP, where a server is configured and listens. */
export function ftpServer(ground: Ground): readonly Proposal[] {
  const { families, ftp } = ground
  if (ftp.length === 0) return []
  const control = [...new Set(ftp.map((one) => one.port))]
  const passive = ftp.flatMap((one) => (one.passive ? [`${one.passive.from}:${one.passive.to}`] : []))
  const helped = (port: number): string => `-p tcp -m tcp --dport ${port} -j CT --helper ftp`
  return [
    propose({
      id: 'ftp',
      kind: 'service',
      title: say`FTP on port ${safe(control.join(', '))}${passive.length > 0 ? say`, passive ${safe(passive.join(', '))}` : say``}`,
      why:
        passive.length > 0
          ? say`The control port, the passive range of ${safe(ftp[0]?.program ?? '')}, and the kernel's helper, which finds data connections of unencrypted FTP.`
          : say`The control port, and the kernel's helper, which finds the data connections. Encrypted FTP hides them: set a passive range in ${safe(ftp[0]?.program ?? '')} and open B again.`,
      rules: [
        ...rules(
          families,
          'INPUT',
          'tail',
          ...control.map((port) => newTo('tcp', port)),
          ...passive.map((range) => newTo('tcp', range)),
        ),
        ...rawRules(families, 'PREROUTING', ...control.map(helped)),
      ],
      file: modulesFile(ground),
    }),
    propose({
      id: 'ftp-client',
      kind: 'out',
      title: say`Helper for FTP that this host fetches`,
      why: say`Passive data connections of an FTP client go to ports nobody knows beforehand; the helper finds them.`,
      rules: rawRules(families, 'OUTPUT', helped(21)),
      file: modulesFile(ground),
    }),
  ]
}
