import type { Value } from '#sql/value.ts'
import postgresql from '../../../data/postgresql.json' with { type: 'json' }
import type { Session } from './state.ts'

/** pg_settings. */
export const settings = (session: Session): Record<string, Value>[] =>
  (postgresql.settings as string[][]).map(([name, setting, unit, category, short_desc, context, vartype]) => {
    const value = settingOf(session, name!) ?? setting!
    return {
      name: name!,
      setting: value,
      unit: unit === '\\N' ? null : unit!,
      category: category!,
      short_desc: short_desc!,
      context: context!,
      vartype: vartype!,
      source: 'default',
      boot_val: setting!,
      reset_val: setting!,
      pending_restart: false,
    }
  })
const known = new Map((postgresql.settings as string[][]).map(([name, setting]) => [name!.toLowerCase(), setting!]))
/** What SHOW and current_setting() say. */
export function settingOf(session: Session, name: string): string | undefined {
  const { persona } = session.cx
  const key = name.toLowerCase()
  const set = session.settings.get(key)
  if (set !== undefined) return set
  const number = session.server.version.split('.')
  switch (key) {
    case 'application_name':
      return ''
    case 'server_version':
      return `${session.server.version} (${versionSuffix(session)})`
    case 'server_version_num':
      return String(Number(number[0]) * 10_000 + Number(number[1] ?? 0))
    case 'timezone':
    case 'log_timezone':
      return persona.timezone.name
    case 'is_superuser':
      return session.server.roles.get(session.user)?.superuser ? 'on' : 'off'
    case 'session_authorization':
    case 'role':
      return key === 'role' ? 'none' : session.user
    case 'listen_addresses':
      return '*'
    case 'ssl':
      return session.cx.options.tls ? 'on' : 'off'
    case 'data_directory':
      return `/var/lib/postgresql/${number[0]}/main`
    case 'config_file':
    case 'hba_file':
    case 'ident_file':
      return `/etc/postgresql/${number[0]}/main/${{ config_file: 'postgresql.conf', hba_file: 'pg_hba.conf', ident_file: 'pg_ident.conf' }[key]}`
    default:
      return known.get(key)
  }
}
export const versionSuffix = ({ cx }: Pick<Session, 'cx'>): string => {
  const { os, software } = cx.persona
  return `${os.id === 'debian' ? 'Debian' : 'Ubuntu'} ${software.postgresql.package}`
}
