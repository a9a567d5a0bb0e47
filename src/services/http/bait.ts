import type { HttpClock } from './date.ts'
import type { Request } from './wire.ts'

/** What an application answers: a page as PHP would hand it to the web server. */
export type Page = { status: number; headers: [name: string, value: string][]; type?: string; body: string }

/** What an application sees of a request. */
export type Visit = {
  request: Request
  /** Of a form post, decoded. */
  form: URLSearchParams
  hostname: string
  clock: HttpClock
  now: number
  random(bytes: number): Buffer
}
export type App = (visit: Visit) => Page
type Bait = { root: string; paths: readonly string[]; app: App }

/** PHP's session.cache_limiter=nocache. */
const sessionHeaders: [string, string][] = [
  ['Expires', 'Thu, 19 Nov 1981 08:52:00 GMT'],
  ['Cache-Control', 'no-store, no-cache, must-revalidate'],
  ['Pragma', 'no-cache'],
]
const html = 'text/html; charset=UTF-8'

const escapeHtml = (text: string) =>
  text.replace(/[&<>"']/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#039;' })[c]!)

/** PHP's session id: 26 characters of 32 (session.sid_bits_per_character=5). */
function sessionId(random: Visit['random']): string {
  return Array.from(random(26), byte => '0123456789abcdefghijklmnopqrstuv'[byte & 31]).join('')
}
const hasCookie = (request: Request, name: string) => (request.fields.get('cookie') ?? '').includes(`${name}=`)

/** A database front end. Posts come back with the server's own words for a wrong password. */
const databaseAdmin: App = ({ request, form, hostname, clock, now, random }) => {
  const headers: [string, string][] = []
  if (!hasCookie(request, 'phpMyAdmin'))
    headers.push(['Set-Cookie', `phpMyAdmin=${sessionId(random)}; path=/phpmyadmin/; HttpOnly; SameSite=Strict`])
  headers.push(
    ['X-Frame-Options', 'DENY'],
    ['Referrer-Policy', 'no-referrer'],
    ['X-Content-Type-Options', 'nosniff'],
    ['X-Robots-Tag', 'noindex, nofollow'],
    ['Expires', clock.text(now)],
    ['Cache-Control', 'no-store, no-cache, must-revalidate,  pre-check=0, post-check=0, max-age=0'],
    ['Pragma', 'no-cache'],
    ['Last-Modified', clock.text(now)],
  )
  const user = form.get('pma_username')
  const withPassword = form.get('pma_password') ? 'YES' : 'NO'
  const error =
    user === null
      ? ''
      : `<div class="alert alert-danger" role="alert">mysqli::real_connect(): (HY000/1045): Access denied for user ` +
        `&#039;${escapeHtml(user.slice(0, 64))}&#039;@&#039;localhost&#039; (using password: ${withPassword})</div>\n`
  return {
    status: 200,
    headers,
    type: 'text/html; charset=utf-8',
    body: `<!DOCTYPE html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="robots" content="noindex,nofollow">
<title>phpMyAdmin</title>
</head>
<body id="loginform">
<div class="container">
<h1>phpMyAdmin on ${hostname}</h1>
${error}<form method="post" id="login_form" action="index.php?route=/" name="login_form" class="login" autocomplete="off">
<input type="hidden" name="set_session" value="${sessionId(random)}">
<label for="input_username">User</label>
<input type="text" name="pma_username" id="input_username" size="24">
<label for="input_password">Password</label>
<input type="password" name="pma_password" id="input_password" size="24">
<input type="hidden" name="server" value="1">
<input type="hidden" name="token" value="${random(16).toString('hex')}">
<input class="btn btn-primary" type="submit" value="Sign in" id="input_go">
</form>
</div>
</body>
</html>
`,
  }
}

/** A small in-house tool's sign-in page. */
const staffLogin: App = ({ request, form, hostname, random }) => {
  const headers: [string, string][] = hasCookie(request, 'PHPSESSID')
    ? [...sessionHeaders]
    : [['Set-Cookie', `PHPSESSID=${sessionId(random)}; path=/`], ...sessionHeaders]
  const tried = request.method === 'POST' && form.has('username')
  return {
    status: 200,
    headers,
    type: html,
    body: `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>${hostname} - Sign in</title>
</head>
<body>
<form action="/login.php" method="post">
<h2>${hostname}</h2>
${tried ? '<p class="error">Wrong user name or password.</p>\n' : ''}<p><input type="text" name="username" placeholder="User name" autofocus></p>
<p><input type="password" name="password" placeholder="Password"></p>
<p><button type="submit">Sign in</button></p>
</form>
</body>
</html>
`,
  }
}

/** A blog's log-in page; everything below /wp-admin/ leads to it. */
const blogLogin: App = ({ request, form, hostname, clock, now }) => {
  const noCache: [string, string][] = [
    ['Expires', 'Wed, 11 Jan 1984 05:00:00 GMT'],
    ['Cache-Control', 'no-cache, must-revalidate, max-age=0'],
  ]
  if (request.path === '/xmlrpc.php') return xmlRpc(request)
  if (request.path.startsWith('/wp-admin')) {
    const back = encodeURIComponent(`http://${request.host ?? hostname}/wp-admin/`)
    const location = `http://${request.host ?? hostname}/wp-login.php?redirect_to=${back}&reauth=1`
    return {
      status: 302,
      headers: [...noCache, ['X-Redirect-By', 'WordPress'], ['Location', location]],
      type: html,
      body: '',
    }
  }
  const user = form.get('log')
  const error =
    user === null
      ? ''
      : `<div id="login_error"><p><strong>Error:</strong> Unknown user name or wrong password.</p></div>\n`
  return {
    status: 200,
    headers: [
      ...noCache,
      ['Set-Cookie', 'wordpress_test_cookie=WP%20Cookie%20check; path=/'],
      ['X-Frame-Options', 'SAMEORIGIN'],
      ['Last-Modified', clock.text(now)],
    ],
    type: html,
    body: `<!DOCTYPE html>
<html lang="en-US">
<head>
<meta charset="UTF-8">
<title>Log In &lsaquo; ${hostname} &#8212; WordPress</title>
<meta name="robots" content="max-image-preview:large, noindex, noarchive">
</head>
<body class="login">
<div id="login">
${error}<form name="loginform" id="loginform" action="/wp-login.php" method="post">
<p><label for="user_login">User name or email</label> <input type="text" name="log" id="user_login" value="${escapeHtml((user ?? '').slice(0, 60))}"></p>
<p><label for="user_pass">Password</label> <input type="password" name="pwd" id="user_pass"></p>
<p><input type="submit" name="wp-submit" id="wp-submit" value="Log In"><input type="hidden" name="testcookie" value="1"></p>
</form>
</div>
</body>
</html>
`,
  }
}

function xmlRpc(request: Request): Page {
  if (request.method !== 'POST')
    return {
      status: 405,
      headers: [['Allow', 'POST']],
      type: 'text/plain;charset=UTF-8',
      body: 'XML-RPC server accepts POST requests only.',
    }
  return {
    status: 200,
    headers: [],
    type: 'text/xml; charset=UTF-8',
    body: `<?xml version="1.0" encoding="UTF-8"?>
<methodResponse>
  <fault>
    <value>
      <struct>
        <member>
          <name>faultCode</name>
          <value><int>403</int></value>
        </member>
        <member>
          <name>faultString</name>
          <value><string>Incorrect username or password.</string></value>
        </member>
      </struct>
    </value>
  </fault>
</methodResponse>
`,
  }
}

/** Log-in pages that a site can be given, by their name in the option `bait`. None of them lets anybody in. */
export const apps: ReadonlyMap<string, Bait> = new Map<string, Bait>([
  ['phpmyadmin', { root: '/phpmyadmin/', paths: ['/phpmyadmin/', '/phpmyadmin/index.php'], app: databaseAdmin }],
  ['login', { root: '/login/', paths: ['/login/', '/login.php', '/login/index.php'], app: staffLogin }],
  [
    'wordpress',
    {
      root: '/wp-admin/',
      paths: ['/wp-login.php', '/xmlrpc.php', '/wp-admin/', '/wp-admin/index.php'],
      app: blogLogin,
    },
  ],
])
