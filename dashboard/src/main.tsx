import { render } from 'preact'
import { whoAmI } from './api.ts'
import { App } from './app.tsx'
import { startKeys } from './keys.tsx'
import { startLive } from './live.ts'
import { startRouter } from './router.ts'

startRouter()
startKeys()
startLive()
void whoAmI()
render(<App />, document.getElementById('app')!)
