import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, resolve, sep } from 'node:path'
import { type Answer, cache } from './message.ts'
import { Problem } from './problem.ts'

const types: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.webmanifest', 'application/manifest+json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.webp', 'image/webp'],
  ['.woff2', 'font/woff2'],
  ['.wasm', 'application/wasm'],
  ['.txt', 'text/plain; charset=utf-8'],
])
const MAX_FILES = 2000

/**
 * Serves the built page. Only what a walk of the folder found can be asked for, so no spelling of a path leads out of
 * it; the walk is repeated when a build has replaced index.html. A path without a file is a place inside the page.
 */
export function createPage(dist: string) {
  const folder = resolve(dist)
  let files: ReadonlyMap<string, string> = new Map()
  let builtAt: number | undefined

  function refresh(): void {
    const built = statSync(join(folder, 'index.html'), { throwIfNoEntry: false })?.mtimeMs
    if (built === builtAt) return
    builtAt = built
    files = built === undefined ? new Map() : walk(folder)
  }

  return (method: string, path: string): Answer => {
    if (method !== 'GET' && method !== 'HEAD')
      throw new Problem(405, 'Allowed: GET, HEAD', { headers: { allow: 'GET, HEAD' } })
    refresh()
    if (builtAt === undefined) return notBuilt
    const asked = files.get(plain(path))
    const name = asked === undefined ? '/index.html' : path
    // What looks like a file and is none must not come as a page: a stale tab would run HTML as script.
    if (asked === undefined && path.startsWith('/assets/')) throw new Problem(404, 'There is no such file')
    const hashed = name.startsWith('/assets/')
    return {
      status: 200,
      headers: {
        'content-type': types.get(extname(asked ?? name)) ?? 'application/octet-stream',
        'cache-control': hashed ? cache.forever : name === '/index.html' ? cache.never : cache.check,
      },
      body: readFileSync(asked ?? files.get('/index.html')!),
    }
  }
}

function plain(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** URL path → file, ordinary files only: links and hidden files are left out. */
function walk(folder: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    const path = file.slice(folder.length).split(sep).join('/')
    if (!entry.isFile() || path.includes('/.')) continue
    if (found.size >= MAX_FILES) break
    found.set(path, file)
  }
  return found
}

const notBuilt: Answer = {
  status: 503,
  headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': cache.never },
  body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>skep</title>
<h1>The page is not built yet</h1>
<p>skep is running and recording; only its page is missing. In the folder of the program, run <code>npm start</code>,
which builds it, or <code>npx vite build dashboard</code>, and load this again.</p>
<p lang="ja">skep は動作し記録を続けていますが、画面がまだビルドされていません。プログラムのフォルダーで <code>npm start</code> を実行してください。</p>
`,
}
