import type { UrlParts } from './url.ts'

/** Hosts that send whoever asks in plain text to their encrypted side. */
const encrypted =
  /^((www|gist|raw|codeload|api|objects)\.)?(github|githubusercontent|gitlab|bitbucket|pastebin|dropbox|docker)\.(com|org)$|^(transfer\.sh|get\.docker\.com|ipinfo\.io|sh\.rustup\.rs|bootstrap\.pypa\.io)$/
const pages: ReadonlyMap<number, string> = new Map([
  [301, 'Moved Permanently'],
  [302, 'Found'],
])

/** Where a server sends whoever asks for this; `undefined` where it answers itself. */
export const movedTo = (
  { scheme, host, path }: Pick<UrlParts, 'scheme' | 'host' | 'path'>,
  token: string,
): { status: 301 | 302; location: string; body: Buffer } | undefined => {
  const name = host.toLowerCase()
  const page = (status: 301 | 302, location: string, empty = false) => ({
    status,
    location,
    body: Buffer.from(
      empty
        ? ''
        : `<html>\r\n<head><title>${status} ${pages.get(status)}</title></head>\r\n<body>\r\n<center><h1>${status} ${pages.get(status)}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`,
    ),
  })
  if (scheme === 'http' && encrypted.test(name)) return page(301, `https://${name}${path}`, name.includes('github'))
  if (name === 'github.com' || name === 'www.github.com') {
    const [, owner = '', repository = '', what = '', rest = ''] =
      /^\/([\w.-]+)\/([\w.-]+)\/(raw|archive|releases\/download)\/([^?#]+)/.exec(path) ?? []
    if (what === 'raw') return page(302, `https://raw.githubusercontent.com/${owner}/${repository}/${rest}`, true)
    if (what === 'archive')
      return page(
        302,
        `https://codeload.github.com/${owner}/${repository}/${rest.endsWith('.zip') ? 'zip' : 'tar.gz'}/${rest.replace(/\.(zip|tar\.gz)$/, '')}`,
        true,
      )
    if (what !== '') {
      const id = token.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
      const file = rest.slice(rest.lastIndexOf('/') + 1)
      return page(
        302,
        `https://objects.githubusercontent.com/github-production-release-asset-2e65be/${Number.parseInt(token.slice(0, 8), 16)}/${id}?response-content-disposition=attachment%3B%20filename%3D${file}&response-content-type=application%2Foctet-stream`,
        true,
      )
    }
  }
  return undefined
}
