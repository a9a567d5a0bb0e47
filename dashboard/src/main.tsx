import { render } from 'preact'
import { whoAmI } from './api.ts'
import { App } from './app.tsx'
import { startLanguage } from './i18n/index.ts'
import { startKeys } from './keys.tsx'
import { startLive } from './live.ts'
import { startRouter } from './router.ts'

startRouter()
startKeys()
startLive()
void whoAmI()
await startLanguage()
render(<App />, document.getElementById('app')!)
