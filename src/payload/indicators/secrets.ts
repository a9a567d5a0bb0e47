import { createHash } from 'node:crypto'

const hash = (text: string) =>
  createHash('sha256').update(Buffer.from(text, 'base64')).digest('base64').replace(/=+$/, '')

/** Keys and passes that others can be let in with, and what tells whose they are. */
const forms: readonly { kind: string; form: RegExp; value?: (match: RegExpMatchArray) => string }[] = [
  {
    kind: 'ssh-key',
    form: /\b(ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\.com) (AAAA[A-Za-z0-9+/]{40,2000}={0,2})(?: ([\w.@+-]{1,80}))?/g,
    value: ([, type, blob, comment]) => `${type} SHA256:${hash(blob!)}${comment ? ` ${comment}` : ''}`,
  },
  {
    kind: 'pem',
    form: /-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]{16,8000})/g,
    value: ([, what, body]) => `${what} SHA256:${hash(body!.replace(/\s/g, ''))}`,
  },
  { kind: 'aws-key', form: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { kind: 'github-token', form: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b/g },
  { kind: 'gitlab-token', form: /\bglpat-[A-Za-z0-9_-]{20,64}\b/g },
  { kind: 'slack-token', form: /\bxox[abprs]-[A-Za-z0-9-]{10,120}\b/g },
  { kind: 'google-key', form: /\bAIza[A-Za-z0-9_-]{35}\b/g },
  { kind: 'stripe-key', form: /\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,99}\b/g },
  { kind: 'npm-token', form: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { kind: 'sendgrid-key', form: /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b/g },
  { kind: 'jwt', form: /\beyJ[A-Za-z0-9_-]{10,1000}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,1000}/g },
  { kind: 'telegram-bot', form: /\b(?:bot)?\d{8,10}:[A-Za-z0-9_-]{35}\b/g },
  {
    kind: 'discord-webhook',
    form: /\bhttps:\/\/(?:\w{1,10}\.)?discord(?:app)?\.com\/api\/webhooks\/\d{15,21}\/[A-Za-z0-9_-]{40,90}/g,
  },
]

/** What one of them has in it, so that the usual text is looked at once. */
const screen =
  /AAAA[A-Za-z0-9+/]{40}|-----BEGIN|A[KS]IA[A-Z0-9]{16}|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AIza|k_(?:live|test)_|npm_|SG\.|eyJ|\d:[A-Za-z0-9_-]{35}|\/api\/webhooks\//

/** Keys, tokens and webhooks in a text. */
export function secretsIn(text: string): { kind: string; value: string }[] {
  if (!screen.test(text)) return []
  return forms.flatMap(({ kind, form, value }) =>
    Array.from(text.matchAll(form), match => ({ kind, value: value?.(match) ?? match[0] })).slice(0, 16),
  )
}
